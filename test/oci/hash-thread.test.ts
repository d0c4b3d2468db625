import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FollowedFile, hashInThread } from "../../src/oci/hash-thread.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const hex = (algorithm: string, content: Uint8Array): string =>
  createHash(algorithm).update(content).digest("hex");

function follow(path: string, algorithm: "sha256" | "sha512" = "sha256"): FollowedFile {
  const followed = hashInThread(path, algorithm);
  if (followed === undefined) throw new Error("no thread to follow with");
  return followed;
}

describe("hashInThread()", () => {
  test.each(["sha256", "sha512"] as const)("hashes what a file grows by, %s", async (algorithm) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "file");
    const first = Buffer.alloc(3_000_001, "a");
    const second = Buffer.alloc(2_000_003, "b");
    await writeFile(path, first);
    using followed = follow(path, algorithm);
    followed.grown(first.byteLength);
    await appendFile(path, second);
    followed.grown(first.byteLength + second.byteLength);
    expect(await followed.digest()).toBe(hex(algorithm, Buffer.concat([first, second])));
  });

  test("hashes no more than it was told of", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "file");
    await writeFile(path, "hello, and more");
    using followed = follow(path);
    followed.grown(5);
    expect(await followed.digest()).toBe(hex("sha256", Buffer.from("hello")));
  });

  test("follows two files at once, and takes a third when one has ended", async () => {
    await using directory = await tempDirectory();
    const paths = ["one", "two", "three"].map((name) => join(directory.path, name));
    for (const path of paths) await writeFile(path, path);
    const [one = "", two = "", three = ""] = paths;
    using first = follow(one);
    using second = follow(two);
    expect(hashInThread(three, "sha256")).toBeUndefined();
    second.grown(two.length);
    first.grown(one.length);
    expect(await second.digest()).toBe(hex("sha256", Buffer.from(two)));
    using third = follow(three);
    third.grown(three.length);
    expect(await third.digest()).toBe(hex("sha256", Buffer.from(three)));
    expect(await first.digest()).toBe(hex("sha256", Buffer.from(one)));
  });

  test.each([
    ["is missing", undefined],
    ["is shorter than announced", "hell"],
  ])("has no digest for a file that %s, and goes on with others", async (_, content) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "file");
    if (content !== undefined) await writeFile(path, content);
    using broken = follow(path);
    broken.grown(5);
    expect(await broken.digest()).toBeUndefined();

    await writeFile(path, "hello");
    using whole = follow(path);
    whole.grown(5);
    expect(await whole.digest()).toBe(hex("sha256", Buffer.from("hello")));
  });

  test("does not keep a process alive, nor ends one that waits for a digest", async () => {
    await using directory = await tempDirectory();
    const module = join(import.meta.dir, "../../src/oci/hash-thread.ts");
    const script = join(directory.path, "script.ts");
    await writeFile(
      script,
      `import { hashInThread } from ${JSON.stringify(module)};
      await Bun.write("content", "hello");
      const followed = hashInThread("content", "sha256");
      followed.grown(5);
      followed.digest().then((hex) => console.log(hex));`,
    );
    const child = Bun.spawn([process.execPath, script], { cwd: directory.path, stderr: "inherit" });
    expect((await child.stdout.text()).trim()).toBe(hex("sha256", Buffer.from("hello")));
    expect(await child.exited).toBe(0);
  });
});
