import { expect, test } from "bun:test";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { renderDot } from "../../src/plan/render-dot.ts";
import { renderGraph } from "../../src/plan/render-graph.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { tempProject } from "../support/temp-project.ts";

const scratch = "FROM scratch\n";

// python:3.12 <- app:1 <- site:1, python:3.13 <- app:2; nothing needs team/python.
const files = {
  "hive.yml": "",
  "images/python/image.yml": "tags: [{ name: 3.12 }, { name: 3.13 }]\n",
  "images/python/Dockerfile": scratch,
  "images/team/python/py/image.yml": "tags: [{ name: 3.12 }]\n",
  "images/team/python/py/Dockerfile": scratch,
  "images/app/image.yml":
    "tags: [{ name: 1, build_args: { V: 3.12 } }, { name: 2, build_args: { V: 3.13 } }]\n",
  "images/app/Dockerfile": "ARG V\nFROM __hive__/python:$V\n",
  "images/site/image.yml": "tags: [{ name: 1 }]\n",
  "images/site/Dockerfile": "FROM __hive__/app:1\n",
};

// The asked ones, then what comes with them.
const cases: readonly (readonly [string[], string[], string[]])[] = [
  [[], ["python:3.12", "python:3.13", "team/python:3.12", "app:1", "app:2", "site:1"], []],
  [["python"], ["python:3.12", "python:3.13"], []],
  [["python:3.13"], ["python:3.13"], []],
  [["py*:3.*"], ["python:3.12", "python:3.13"], []],
  [["py*:*2"], ["python:3.12"], []],
  [["**python:3.12"], ["python:3.12", "team/python:3.12"], []],
  [["*/python"], ["team/python:3.12"], []],
  [["*:1"], ["app:1", "site:1"], ["python:3.12"]],
  [["app"], ["app:1", "app:2"], ["python:3.12", "python:3.13"]],
  [["site"], ["site:1"], ["python:3.12", "app:1"]],
  [["python:3.12+"], ["python:3.12", "app:1", "site:1"], []],
  [["python+"], ["python:3.12", "python:3.13", "app:1", "app:2", "site:1"], []],
  [["app:2+"], ["app:2"], ["python:3.13"]],
  [["{site,team/*}"], ["team/python:3.12", "site:1"], ["python:3.12", "app:1"]],
  [["python:3.1[!2]"], ["python:3.13"], []],
  [["python:3.1?"], ["python:3.12", "python:3.13"], []],
  [["app:2", "app:2", "python:3.13"], ["python:3.13", "app:2"], []],
];

for (const [select, requested, needed] of cases) {
  test(`createPlan() selects ${select.join(" ") || "everything"}`, async () => {
    await using temp = await tempProject(files);
    const { project } = await loadProject(temp.root);
    const { targets } = createPlan(project, { nativePlatform: parsePlatform("amd64"), select });
    const named = (asked: boolean): string[] =>
      targets.filter((target) => target.requested === asked).map(({ reference }) => reference);
    expect(named(true).toSorted()).toEqual(requested.toSorted());
    expect(named(false).toSorted()).toEqual(needed.toSorted());
  });
}

test("renderGraph() shows steps, what each needs and what was asked for", async () => {
  await using temp = await tempProject(files);
  const { project } = await loadProject(temp.root);
  const plan = createPlan(project, {
    nativePlatform: parsePlatform("amd64"),
    select: ["site", "team/*"],
  });
  expect(renderGraph(plan)).toBe(
    [
      "step 1",
      "  python:3.12 linux/amd64 (only needed)",
      "  team/python:3.12 linux/amd64",
      "step 2",
      "  app:1 linux/amd64 (only needed)",
      "    `- python:3.12 linux/amd64",
      "step 3",
      "  site:1 linux/amd64",
      "    `- app:1 linux/amd64",
    ].join("\n"),
  );
  expect(renderDot(plan)).toBe(
    [
      "digraph hive {",
      "  node [shape=box];",
      '  "python:3.12 linux/amd64";',
      '  "team/python:3.12 linux/amd64" [penwidth=2];',
      '  "app:1 linux/amd64";',
      '  "site:1 linux/amd64" [penwidth=2];',
      '  "app:1 linux/amd64" -> "python:3.12 linux/amd64";',
      '  "site:1 linux/amd64" -> "app:1 linux/amd64";',
      "}",
    ].join("\n"),
  );
});
