import { expect, test } from "bun:test";
import type { FileEntry, FileTree } from "../../src/buildkit/file-tree.ts";
import { targetContext } from "../../src/context/target-context.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";

// `path size`, `path -> target` or `path/`; `*` behind what can be run, as the rest of a mode is the checkout's.
async function listing(tree: FileTree, path = ""): Promise<string[]> {
  const entries = [...(await tree.list(path))].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const child = path === "" ? entry.name : `${path}/${entry.name}`;
      const below = entry.type === "directory" ? await listing(tree, child) : [];
      return [describe(child, entry), ...below];
    }),
  );
  return lines.flat();
}

function describe(path: string, { type, linkname, mode, size, content }: FileEntry): string {
  if (type === "directory") return `${path}/`;
  if (type === "symlink") return `${path} -> ${linkname}`;
  const isMade = content !== undefined && "bytes" in content;
  return `${path}${(mode & 0o100) === 0 ? "" : "*"} ${size}${isMade ? " rendered" : ""}`;
}

for (const name of ["simple", "variants", "parent", "templates", "contexts", "context-files"]) {
  test(`the contexts of ${name} are as their golden file says`, async () => {
    const { project } = await loadProject(fixture(name));
    const { targets } = createPlan(project, { nativePlatform: parsePlatform("amd64") });
    const texts: string[] = [];
    for (const { id, context } of targets) {
      texts.push([`${id}:`, ...(await listing(targetContext(context)))].join("\n  "));
    }
    expect(texts.join("\n")).toMatchSnapshot();
  });
}
