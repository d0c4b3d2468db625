import { expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

const nativePlatform = parsePlatform("linux/amd64");

// Two tags: what is wrong with a context is told once.
function project(contexts: string, dockerfile = "FROM scratch\n"): Record<string, string> {
  return {
    "hive.yml": "platforms: [amd64]\n",
    "images/base/image.yml": "tags: [{ name: 1 }]\n",
    "images/base/Dockerfile": "FROM scratch\nONBUILD COPY --from=__hive__/data:1 / /\n",
    "images/data/image.yml": "tags: [{ name: 1 }]\n",
    "images/data/Dockerfile": "FROM scratch\n",
    "images/arm/image.yml": "tags: [{ name: 1 }]\nplatforms: [arm64]\n",
    "images/arm/Dockerfile": "FROM scratch\n",
    "images/app/image.yml": `tags: [{ name: 1 }, { name: 2 }]\ncontexts: ${contexts}\n`,
    "images/app/Dockerfile": dockerfile,
  };
}

async function planOf(root: string): Promise<Plan> {
  return createPlan((await loadProject(root)).project, { nativePlatform, select: ["app:1"] });
}

const wrong: Record<string, string> = {
  "an unknown image": "{ x: __hive__/bsae:1 }",
  "an unknown tag": "{ x: __hive__/base:2 }",
  "no tag": "{ x: __hive__/base }",
  "an image of another platform": "{ x: __hive__/arm:1 }",
  "an image of the project as one of a registry": "{ x: docker-image://__hive__/base:1 }",
  "a reference that is none": "{ x: docker-image://Base:1 }",
  "the name of an image of the project": "{ __hive__/base:1: docker-image://base }",
  "a name that none can have": "{ 'A b': docker-image://base }",
  "a cycle": "{ x: __hive__/app:1 }",
};

for (const [name, contexts] of Object.entries(wrong)) {
  test(`createPlan() refuses a context with ${name}`, async () => {
    await using temp = await tempProject(project(contexts));
    expect(await thrownText(() => planOf(temp.root), temp.root)).toMatchSnapshot();
  });
}

test("createPlan() warns when a context takes the place of a stage", async () => {
  await using temp = await tempProject(
    project("{ tools: docker-image://tools }", "FROM scratch AS Tools\nFROM scratch\n"),
  );
  const { warnings } = await planOf(temp.root);
  expect(warnings.map((warning) => renderDiagnostic(warning)).join("\n\n")).toMatchSnapshot();
});

test("createPlan() adds what an image behind a context holds back, where it is built on it", async () => {
  const edges = async (dockerfile: string): Promise<string[]> => {
    await using temp = await tempProject(project("{ alpine: __hive__/base:1 }", dockerfile));
    const app = (await planOf(temp.root)).targets.find(({ name }) => name === "app");
    expect(app?.externals).toEqual([]);
    return (app?.dependencies ?? []).map(({ target }) => target.split(" ")[0] ?? "");
  };
  expect(await edges("FROM alpine:latest\n")).toEqual(["base:1", "data:1"]);
  expect(await edges("FROM scratch\nCOPY --from=alpine / /\n")).toEqual(["base:1"]);
  expect(await edges("FROM scratch\n")).toEqual(["base:1"]);
});
