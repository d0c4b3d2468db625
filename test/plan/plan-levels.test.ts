import { expect, test } from "bun:test";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { planLevels } from "../../src/plan/plan-levels.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { tempProject } from "../support/temp-project.ts";

const image = 'tags: [{ name: "1" }]\n';

async function plan(dockerfiles: Readonly<Record<string, string>>) {
  const files = Object.entries(dockerfiles).flatMap(([name, text]) => [
    [`images/${name}/image.yml`, image],
    [`images/${name}/Dockerfile`, text],
  ]);
  await using project = await tempProject({ "hive.yml": "{}\n", ...Object.fromEntries(files) });
  const loaded = await loadProject(project.root);
  return createPlan(loaded.project, { nativePlatform: parsePlatform("amd64") });
}

test("planLevels() puts each target one step behind the last that it needs", async () => {
  const planned = await plan({
    base: "FROM scratch\n",
    other: "FROM scratch\n",
    middle: "FROM __hive__/base:1\n",
    top: "FROM __hive__/other:1\nCOPY --from=__hive__/middle:1 / /\n",
  });
  const levels = [...planLevels(planned)].map(([id, level]) => [id.split(":")[0], level]);
  expect(Object.fromEntries(levels)).toEqual({ base: 1, other: 1, middle: 2, top: 3 });
});

test("what a parent holds back behind ONBUILD is external to the images built on it", async () => {
  const { targets } = await plan({
    base: "FROM scratch\nONBUILD COPY --from=alpine:3 / /\n",
    child: "FROM __hive__/base:1\n",
  });
  const externals = targets.map(({ name, externals: named }) => [name, named]);
  expect(Object.fromEntries(externals)).toEqual({
    base: [],
    child: [{ reference: "alpine:3" }],
  });
});
