import { expect, test } from "bun:test";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { steadyModes } from "../../src/context/steady-modes.ts";
import { directoryTree } from "../support/directory-tree.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test.each([
  { mode: 0o664, steady: 0o644, what: "file" },
  { mode: 0o777, steady: 0o755, what: "file" },
  // Nobody gets to read what they could not.
  { mode: 0o600, steady: 0o600, what: "file" },
  { mode: 0o4775, steady: 0o4775, what: "file" },
  { mode: 0o775, steady: 0o755, what: "directory" },
  { mode: 0o2775, steady: 0o755, what: "directory" },
  { mode: 0o1777, steady: 0o1777, what: "directory" },
])(
  "steadyModes() makes mode %o of a $what what git knows of it",
  async ({ mode, steady, what }) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "it");
    await (what === "file" ? Bun.write(path, "") : mkdir(path));
    await chmod(path, mode);
    const tree = steadyModes(directoryTree(directory.path));
    expect((await tree.find("it"))?.mode).toBe(steady);
    expect((await tree.list("")).map((entry) => entry.mode)).toEqual([steady]);
  },
);
