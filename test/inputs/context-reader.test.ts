import { expect, test } from "bun:test";
import { readdir, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { createContextReader } from "../../src/inputs/context-reader.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { tempProject } from "../support/temp-project.ts";

async function sample() {
  await using stack = new AsyncDisposableStack();
  const project = stack.use(await tempProject({ Dockerfile: "FROM scratch\n", file: "aaaa" }));
  const memory = stack.use(await tempDirectory());
  const owned = stack.move();
  const { root } = project;
  const sources = {
    directory: root,
    dockerfile: join(root, "Dockerfile"),
    rootfs: [],
    exclude: [],
    rendered: {},
  };
  return {
    root,
    sources,
    memory: memory.path,
    /** As a run of its own reads it. */
    read: () => createContextReader(memory.path).read({ sources, ignore: undefined, times: false }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("a file whose size and time were put back is read again, also right after it was written", async () => {
  await using context = await sample();
  const digests = new Set<string>();
  for (const text of ["bbbb", "cccc", "dddd"]) {
    await Bun.write(join(context.root, "file"), text);
    await utimes(join(context.root, "file"), 1000, 1000);
    digests.add((await context.read()).digest);
  }
  expect(digests.size).toBe(3);
});

test("what was remembered is the same as what is read anew, listing included", async () => {
  await using context = await sample();
  await Bun.sleep(50);
  const first = await context.read();
  const remembered = await context.read();
  await rm(context.memory, { recursive: true });
  const again = await context.read();
  expect([remembered.digest, remembered.listing()]).toEqual([first.digest, first.listing()]);
  expect([again.digest, again.listing()]).toEqual([first.digest, first.listing()]);
});

test("files that were not touched are not read again", async () => {
  await using context = await sample();
  await Bun.sleep(50);
  const before = await context.read();
  const [name = ""] = await readdir(context.memory);
  const path = join(context.memory, name);
  const other = "f".repeat(64);
  // Only who trusts what is remembered sees the digest that is put there.
  const files = JSON.parse((await Bun.file(path).text()).split("\n")[1] ?? "") as {
    path: string;
    content: string;
  }[];
  const rest = JSON.stringify(
    files.map((file) => (file.path === "file" ? { ...file, content: other } : file)),
  );
  const head = { version: 1, check: Bun.hash(rest).toString(16), digest: before.digest };
  await Bun.write(path, `${JSON.stringify(head)}\n${rest}`);
  expect((await context.read()).listing()).toContain(other);
});

test.each([
  { what: "cut off", damage: (text: string) => text.slice(0, -10) },
  { what: "changed", damage: (text: string) => text.replace("file", "filf") },
  { what: "emptied", damage: () => "" },
  {
    what: "of another version",
    damage: (text: string) => text.replace('"version":1', '"version":0'),
  },
])("a memory that was $what is none", async ({ damage }) => {
  await using context = await sample();
  await Bun.sleep(50);
  const before = await context.read();
  const [name = ""] = await readdir(context.memory);
  const path = join(context.memory, name);
  await Bun.write(path, damage(await Bun.file(path).text()));
  const after = await context.read();
  expect([after.digest, after.listing()]).toEqual([before.digest, before.listing()]);
});

test("a reader that ignores nothing is not given what .dockerignore left over", async () => {
  await using context = await sample();
  await Bun.write(join(context.root, ".dockerignore"), "file\n");
  const reader = createContextReader(undefined);
  const { sources } = context;
  const partial = await reader.read({ sources, ignore: undefined, times: false });
  const whole = await reader.read({ sources, ignore: "", times: false });
  expect(partial.listing()).not.toContain('"file","file"');
  expect(whole.listing()).toContain('["file","file"');
});
