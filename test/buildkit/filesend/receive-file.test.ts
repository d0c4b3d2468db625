import { describe, expect, test } from "bun:test";
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createFileSink } from "../../../src/buildkit/filesend/file-sink.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { bytesMessage, createFileSender } from "../support/file-sender.ts";

const id = (value: string) => [["buildkit-attachable-exporter-id", value]] as const;

describe("receiveFile()", () => {
  test("writes what comes, whatever the size of its pieces, and says what the exporter said", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "new/image.tar");
    using sender = createFileSender({ kind: "file", path });
    const call = sender.open([...id("0"), ["exporter-md-containerimage.digest", "sha256:0"]]);
    const hasher = new Bun.CryptoHasher("sha256");
    for (const size of [1, 0, 70_000, 3_000_000, 9_000_000, 5, 15_000_000]) {
      const data = Buffer.alloc(size, `${size}`);
      hasher.update(data);
      await call.send(bytesMessage(data));
    }
    expect(await readdir(join(directory.path, "new"))).not.toContain("image.tar");
    call.end();
    expect((await call.status).message).toBe("");
    const written = new Bun.CryptoHasher("sha256").update(await readFile(path)).digest("hex");
    expect(written).toBe(hasher.digest("hex"));
    expect(await readdir(join(directory.path, "new"))).toEqual(["image.tar"]);
    expect(sender.metadata).toEqual({ "containerimage.digest": "sha256:0" });
  });

  test("leaves the old file and nothing else when the transfer breaks", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "image.tar");
    await writeFile(path, "old");
    using sender = createFileSender({ kind: "file", path });
    const call = sender.open();
    await call.send(bytesMessage(new Uint8Array(1000)));
    await call.send(new Uint8Array([0xff]));
    expect((await call.status).message).toContain("something else than bytes");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(directory.path)).toEqual(["image.tar"]);
  });

  test("follows a link to a file", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "latest.tar");
    await writeFile(join(directory.path, "real.tar"), "old");
    await symlink("real.tar", path);
    using sender = createFileSender({ kind: "file", path });
    const call = sender.open();
    await call.send(bytesMessage(Buffer.from("new")));
    call.end();
    await call.status;
    expect(await readlink(path)).toBe("real.tar");
    expect(await readFile(join(directory.path, "real.tar"), "utf8")).toBe("new");
  });

  test.each([
    ["directory", (path: string) => mkdir(path)],
    ["link to a device", (path: string) => symlink("/dev/null", path)],
  ])("refuses to replace a %s", async (_, make) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "image.tar");
    await make(path);
    using sender = createFileSender({ kind: "file", path });
    const call = sender.open();
    call.end();
    expect((await call.status).message).toContain(`Cannot write "${path}"`);
    expect(sender.failures).toHaveLength(1);
  });

  test("takes one result for its exporter, and none for others", async () => {
    await using directory = await tempDirectory();
    using sender = createFileSender({ kind: "file", path: join(directory.path, "image.tar") });
    expect((await sender.open(id("1")).status).message).toContain("exporter 1");
    const first = sender.open(id("0"));
    first.end();
    expect((await first.status).code).toBe(0);
    expect((await sender.open(id("0")).status).message).toContain("came already");
    using none = createFileSender(undefined);
    expect((await none.open().status).code).toBe(5);
  });
});

test("createFileSink() holds few bytes, and says when there is room again", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "file");
  const sink = await createFileSink(path);
  let drained = Promise.withResolvers<void>();
  sink.onDrain = () => drained.resolve();
  const chunk = new Uint8Array(300_000).fill(7);
  let longest = 0;
  let unwritten = 0;
  for (let count = 0; count < 100; count++) {
    unwritten += chunk.length;
    longest = Math.max(longest, unwritten);
    if (sink.write(chunk)) continue;
    await drained.promise;
    drained = Promise.withResolvers();
    unwritten = 0;
  }
  await sink.finish();
  await sink.close();
  expect(longest).toBeLessThan(6 * 1024 * 1024);
  expect(await readFile(path)).toEqual(Buffer.alloc(30_000_000, 7));
});
