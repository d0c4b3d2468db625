import { expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDirectoryTree } from "../../src/buildkit/directory-tree.ts";
import { HiveError } from "../../src/base/hive-error.ts";

async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "hive-tree-"));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true }) };
}

async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}

test("createDirectoryTree() lists files, directories and symlinks as they are", async () => {
  await using root = await temporaryDirectory();
  await mkdir(join(root.path, "sub"));
  await writeFile(join(root.path, "sub/file"), "hello");
  await chmod(join(root.path, "sub/file"), 0o4751);
  await utimes(join(root.path, "sub/file"), 1_700_000_000, 1_700_000_000.5);
  await symlink("../nowhere", join(root.path, "sub/link"));
  await mkdir(join(root.path, "sub/inner"), { mode: 0o700 });

  const tree = createDirectoryTree(root.path);
  const entries = await tree.list("sub");
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  expect([...byName.keys()].toSorted()).toEqual(["file", "inner", "link"]);
  expect(byName.get("file")).toEqual({
    name: "file",
    type: "file",
    mode: 0o4751,
    size: 5,
    mtime: 1_700_000_000_500_000_000n,
    content: { path: join(root.path, "sub/file") },
  });
  expect(byName.get("link")).toMatchObject({ type: "symlink", linkname: "../nowhere" });
  expect(byName.get("inner")).toMatchObject({ type: "directory", mode: 0o700, size: 0 });
  expect((await tree.list("")).map(({ name }) => name)).toEqual(["sub"]);
});

test("createDirectoryTree() finds entries without following them", async () => {
  await using root = await temporaryDirectory();
  await writeFile(join(root.path, "file"), "");
  await symlink("file", join(root.path, "link"));
  const tree = createDirectoryTree(root.path);
  expect(await tree.find("link")).toMatchObject({ type: "symlink", linkname: "file" });
  expect(await tree.find("missing")).toBeUndefined();
  expect(await tree.find("file/below")).toBeUndefined();
});

test("createDirectoryTree() leaves sockets out", async () => {
  await using root = await temporaryDirectory();
  using server = Bun.listen({ unix: join(root.path, "socket"), socket: { data() {} } });
  expect(server.unix).toContain("socket");
  await writeFile(join(root.path, "file"), "");
  const entries = await createDirectoryTree(root.path).list("");
  expect(entries.map(({ name }) => name)).toEqual(["file"]);
});

test("createDirectoryTree() throws ENOENT for a missing directory", async () => {
  await using root = await temporaryDirectory();
  const listing = createDirectoryTree(root.path).list("missing");
  expect(await rejectionOf(listing)).toMatchObject({ code: "ENOENT" });
});

test("createDirectoryTree() refuses a name that isn't UTF-8", async () => {
  await using root = await temporaryDirectory();
  const broken = Buffer.concat([Buffer.from(`${root.path}/bad-`), Buffer.from([0xff])]);
  await writeFile(broken, "");
  const listing = createDirectoryTree(root.path).list("");
  expect(await rejectionOf(listing)).toBeInstanceOf(HiveError);
});
