import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { lstat, mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { rejection } from "../support/rejection.ts";
import { build, busybox, connectTestDaemon, freshTree, shell, textFile } from "./build.ts";

let daemon: Buildkit;
let tools: Awaited<ReturnType<typeof busybox>>;

beforeAll(async () => {
  daemon = await connectTestDaemon();
  tools = await busybox();
});

afterAll(() => daemon[Symbol.asyncDispose]());

async function untar(archive: string): Promise<string[]> {
  const tar = Bun.spawn(["tar", "-tf", archive], { stdout: "pipe", stderr: "inherit" });
  return (await new Response(tar.stdout).text()).trim().split("\n").toSorted();
}

const marker = (): ReturnType<typeof freshTree> =>
  freshTree([textFile("marker", crypto.randomUUID())]);

describe("solve() with a file to receive", () => {
  test.each([
    ["tar", ["marker"]],
    ["oci", ["blobs/", "index.json", "oci-layout"]],
    ["docker", ["manifest.json"]],
  ])("writes what the exporter %s makes", async (type, names) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "image.tar");
    await build(daemon, {
      text: "FROM scratch\nCOPY marker /marker\n",
      context: marker(),
      exporter: { type, attrs: {} },
      receive: { kind: "file", path },
    });
    expect(await untar(path)).toEqual(expect.arrayContaining(names));
    expect(await readdir(directory.path)).toEqual(["image.tar"]);
  });

  test("fails with our own reason when it can't be written, and the daemon goes on", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "image.tar");
    await mkdir(path);
    const request = {
      text: "FROM scratch\nCOPY marker /marker\n",
      context: marker(),
      exporter: { type: "tar", attrs: {} },
    };
    const failing = build(daemon, { ...request, receive: { kind: "file", path } });
    expect(String(await rejection(failing))).toContain(`Cannot write "${path}"`);
    const other = join(directory.path, "other.tar");
    await build(daemon, { ...request, receive: { kind: "file", path: other } });
    expect(await untar(other)).toEqual(["marker"]);
  });
});

describe("solve() with a directory to receive", () => {
  test("writes the files of the result", async () => {
    await using directory = await tempDirectory();
    const skipped: string[] = [];
    await build(daemon, {
      text: `${shell()}RUN mkdir -p /out/d && cd /out && echo 1 >d/file && ln d/file hard && ln -s d/file link \\
  && mkfifo pipe && chmod 4711 d/file && touch -d @1234567890 d && head -c 3000000 /dev/zero >large
FROM scratch\nCOPY --from=0 /out /\n`,
      context: freshTree([tools]),
      exporter: { type: "local", attrs: {} },
      receive: {
        kind: "directory",
        path: directory.path,
        onSkipped: (path) => skipped.push(path),
      },
    });
    const at = (name: string): string => join(directory.path, name);
    expect((await readdir(directory.path)).toSorted()).toEqual(["d", "hard", "large", "link"]);
    expect(await readFile(at("d/file"), "utf8")).toBe("1\n");
    expect(await readFile(at("hard"), "utf8")).toBe("1\n");
    expect(await readlink(at("link"))).toBe("d/file");
    expect((await lstat(at("d/file"))).mode & 0o7777).toBe(0o711);
    expect((await lstat(at("d"))).mtimeMs).toBe(1_234_567_890_000);
    expect((await readFile(at("large"))).equals(Buffer.alloc(3_000_000))).toBe(true);
    expect(skipped).toEqual(["pipe"]);
  });

  test("writes those of several platforms side by side", async () => {
    await using directory = await tempDirectory();
    await build(daemon, {
      text: "FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH} /arch\n",
      context: freshTree([textFile("amd64", "amd64"), textFile("arm64", "arm64")]),
      frontendAttrs: { platform: "linux/amd64,linux/arm64" },
      exporter: { type: "local", attrs: {} },
      receive: { kind: "directory", path: directory.path },
    });
    for (const arch of ["amd64", "arm64"]) {
      expect(await readFile(join(directory.path, `linux_${arch}/arch`), "utf8")).toBe(arch);
    }
  });
});
