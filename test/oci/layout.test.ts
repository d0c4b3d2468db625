import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HiveError } from "../../src/base/hive-error.ts";
import { readBlob } from "../../src/oci/blob-store.ts";
import { parseDigest } from "../../src/oci/digest.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { reachableBlobs } from "../../src/oci/reachable-blobs.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { run } from "../support/run.ts";
import { storeSampleImage } from "./support/sample-image.ts";

const other = (...parts: readonly string[]): string => `${parts.join("-")}.12345678`;
const addNames = fileURLToPath(import.meta.resolve("./support/add-names.ts"));
const storeForever = fileURLToPath(import.meta.resolve("./support/store-forever.ts"));

describe("openLayout()", () => {
  test("openLayout() makes a layout that git and backups leave alone", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "a", ".hive");
    using _ = await openLayout(path);
    expect((await readdir(path)).toSorted()).toEqual([
      ".gitignore",
      "CACHEDIR.TAG",
      "blobs",
      "index.json",
      "oci-layout",
      "tmp",
    ]);
    expect(await readFile(join(path, ".gitignore"), "utf8")).toBe("*\n");
    expect(await readFile(join(path, "oci-layout"), "utf8")).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect(await readFile(join(path, "CACHEDIR.TAG"), "utf8")).toStartWith(
      "Signature: 8a477f597d28d172789f06886806bc55",
    );
  });

  test("openLayout() keeps what is there, other tools' entries included", async () => {
    await using directory = await tempDirectory();
    const foreign = {
      mediaType: "text/plain",
      digest: `sha256:${"a".repeat(64)}`,
      size: 1,
      x: [1],
    };
    await writeFile(
      join(directory.path, "index.json"),
      JSON.stringify({ schemaVersion: 2, manifests: [foreign], extra: true }),
    );
    using layout = await openLayout(directory.path);
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["base:1.0", image]]));
    const index = JSON.parse(await readFile(join(directory.path, "index.json"), "utf8"));
    expect(index).toMatchObject({ extra: true, manifests: [foreign, { digest: image.digest }] });
  });

  test("update() sets, replaces and removes names at once", async () => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    const first = await storeSampleImage(layout.blobs, { text: "1" });
    const second = await storeSampleImage(layout.blobs, { text: "2" });
    await layout.update(
      new Map([
        ["a:1", first],
        ["b:1", first],
      ]),
    );
    await layout.update(
      new Map([
        ["a:1", second],
        ["b:1", undefined],
        ["c:1", first],
      ]),
    );
    expect(
      (await layout.references()).map(({ name, descriptor }) => [name, descriptor.digest]),
    ).toEqual([
      ["a:1", second.digest],
      ["c:1", first.digest],
    ]);
    expect(await layout.find("a:1")).toMatchObject(second);
    expect(await layout.find("b:1")).toBeUndefined();
  });

  test("dispose leaves no scratch, and what was not finished is gone", async () => {
    await using directory = await tempDirectory();
    {
      using layout = await openLayout(directory.path);
      layout.blobs.createWriter().write(Buffer.from("half"));
      expect(await readdir(layout.scratch)).toHaveLength(1);
    }
    expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  });

  test.each([
    ["no JSON", "{", "it is not valid JSON"],
    ["nothing, as after a power cut", "", "it is not valid JSON"],
    ["something else", "[]", "it has no list of manifests"],
    ["a bad entry", '{"manifests":[{}]}', "manifests[0] has no mediaType"],
  ])("references() says what to do about an index of %s", async (_, text, reason) => {
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path);
    await writeFile(join(directory.path, "index.json"), text);
    const error = await layout.references().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(HiveError);
    expect(error).toMatchObject({
      message: `Cannot read "${directory.path}/index.json": ${reason}`,
      hint: expect.stringContaining(`safe to delete "${directory.path}"`),
    });
  });

  test("openLayout() refuses a layout of another version", async () => {
    await using directory = await tempDirectory();
    await writeFile(join(directory.path, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
    expect(openLayout(directory.path)).rejects.toThrow("no OCI image layout of version 1");
    expect(await readdir(join(directory.path, "tmp"))).toEqual([]);
  });

  test("openLayout() sweeps what dead and unknown owners left, not what living ones have", async () => {
    await using directory = await tempDirectory();
    using first = await openLayout(directory.path);
    const own = first.scratch.slice(first.scratch.lastIndexOf("/") + 1);
    const [pid = "", start = "", boot = "", place = ""] = own.split(/[-.]/);
    const leave = {
      // The pid lives, but as another process than the one that made this.
      reused: other(pid, "1", boot, place),
      otherBoot: other(pid, start, "00000000", place),
      dead: other("4194305", start, boot, place),
      unknown: "something",
    };
    const stay = { elsewhere: other("1", "1", boot, "00000000") };
    for (const name of [...Object.values(leave), ...Object.values(stay)]) {
      await mkdir(join(directory.path, "tmp", name, "x"), { recursive: true });
    }
    using second = await openLayout(directory.path);
    const left = (await readdir(join(directory.path, "tmp"))).toSorted();
    expect(left).toEqual(
      [own, second.scratch.slice(second.scratch.lastIndexOf("/") + 1), stay.elsewhere].toSorted(),
    );
  });
});

describe("several processes", () => {
  test("update() of two processes loses nothing", async () => {
    await using directory = await tempDirectory();
    await Promise.all(
      ["left", "right"].map((prefix) =>
        run([process.execPath, addNames, directory.path, prefix, "100"]),
      ),
    );
    using layout = await openLayout(directory.path);
    const names = (await layout.references()).map(({ name }) => name).toSorted();
    const expected = ["left", "right"].flatMap((prefix) =>
      Array.from({ length: 100 }, (_, i) => `${prefix}:${i}`),
    );
    expect(names).toEqual(expected.toSorted());
  }, 60_000);

  test("kill -9 at any moment leaves a layout that the next run understands", async () => {
    await using directory = await tempDirectory();
    let left = 0;
    for (let round = 0; round < 20; round++) {
      await using child = Bun.spawn([process.execPath, storeForever, directory.path, `${round}`], {
        stdout: "pipe",
        stderr: "inherit",
      });
      const reader = child.stdout.getReader();
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("started\n");
      // Not to wait for something, but to hit another moment every time.
      await Bun.sleep(Math.random() * 60);
      child.kill("SIGKILL");
      await child.exited;
      left += (await readdir(join(directory.path, "tmp"))).length;

      using layout = await openLayout(directory.path);
      expect(await readdir(join(directory.path, "tmp"))).toHaveLength(1);
      const roots = (await layout.references()).map(({ descriptor }) => descriptor);
      const reachable = await reachableBlobs(layout.blobs, roots);
      // Manifest, config and layer of every image that has a name.
      expect(reachable.size).toBe(3 * new Set(roots.map(({ digest }) => digest)).size);
      for (const hex of await readdir(join(directory.path, "blobs", "sha256"))) {
        // Throws when the content is not what the name says.
        await readBlob(layout.blobs, parseDigest(`sha256:${hex}`), 1_000_000);
      }
    }
    expect(left).toBe(20);
  }, 60_000);
});

describe("other tools", () => {
  test("skopeo reads an image by its name", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, ".hive");
    using layout = await openLayout(path);
    const image = await storeSampleImage(layout.blobs);
    await layout.update(new Map([["base:1.0", image]]));
    const info = JSON.parse(
      await run(["skopeo", "inspect", "oci:.hive:base:1.0"], directory.path),
    ) as { Digest: string; Architecture: string };
    expect(info).toMatchObject({ Digest: image.digest, Architecture: "amd64" });
  });
});
