import { expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { parsePlatform, type Platform } from "../../src/oci/platform.ts";
import { createPlan, type PlanOptions } from "../../src/plan/create-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";
import { planText } from "./support/plan-text.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

const nativePlatform = parsePlatform("linux/amd64");

async function planOf(root: string, options: Partial<PlanOptions> = {}): Promise<Plan> {
  const { project } = await loadProject(root);
  return createPlan(project, { nativePlatform, ...options });
}

function edges(plan: Plan): Record<string, string[]> {
  return Object.fromEntries(
    plan.targets.map(({ id, dependencies }) => [
      id,
      dependencies.map(
        ({ target, reference, place }) =>
          `${target} by ${reference ?? "depends_on"} at ${place.line}`,
      ),
    ]),
  );
}

for (const name of [
  "simple",
  "precedence",
  "variants",
  "pooled",
  "references",
  "spellings",
  "crossing",
  "contexts",
  "settings",
  "secrets",
  "parent",
  "templates",
  "siblings",
  "most-specific",
  "depends-on",
  "argument-spellings",
  "names",
]) {
  test(`createPlan() plans ${name} as its golden file says`, async () => {
    expect(planText(await planOf(fixture(name)))).toMatchSnapshot();
  });

  test(`createPlan() puts every target of ${name} after what it needs, and is plain data`, async () => {
    const plan = await planOf(fixture(name));
    const done = new Set<string>();
    for (const { id, dependencies } of plan.targets) {
      for (const { target } of dependencies) expect(done).toContain(target);
      done.add(id);
    }
    expect(JSON.stringify(JSON.parse(JSON.stringify(plan)))).toBe(JSON.stringify(plan));
  });
}

test("createPlan() takes the most specific list of platforms that is not empty", async () => {
  const image = [
    "platforms: [linux/s390x]",
    "tags:",
    "  - { name: a }",
    "  - { name: b, platforms: [linux/arm64, arm] }",
    "  - { name: c, platforms: [] }",
    "variants: [{ name: v, tag_suffix: -v, platforms: [linux/386] }]",
  ];
  await using temp = await tempProject({
    ...appProject(image.join("\n")),
    "images/app/v/Dockerfile": "FROM scratch\n",
    "images/other/image.yml": "tags: [{ name: '1' }]\n",
    "images/other/Dockerfile": "FROM scratch\n",
  });
  const { targets } = await planOf(temp.root);
  expect(targets.map(({ id }) => id as string)).toEqual([
    "app:a linux/s390x",
    "app:a-v linux/386",
    "app:b linux/arm64",
    "app:b linux/arm/v7",
    "app:b-v linux/386",
    "app:c linux/s390x",
    "app:c-v linux/386",
    "other:1 linux/amd64",
  ]);
});

test("createPlan() takes the asked platforms where none are written, and the native one for tools", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "images/app/image.yml": "tags: [{ name: '1' }]\n",
    "images/app/Dockerfile": "FROM --platform=$BUILDPLATFORM __hive__/tool:1\n",
    "images/tool/image.yml": "tags: [{ name: '1' }]\n",
    "images/tool/Dockerfile": "FROM scratch\n",
  });
  const plan = await planOf(temp.root, { platforms: [parsePlatform("arm64")], select: ["app"] });
  expect(edges(plan)).toEqual({
    "tool:1 linux/amd64": [],
    "app:1 linux/arm64": ["tool:1 linux/amd64 by tool:1 at 1"],
  });
  expect(plan.targets.map(({ requested }) => requested)).toEqual([false, true]);
});

test("createPlan() takes BUILDPLATFORM from the daemons that build a platform, and lists no other for it", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "images/app/image.yml": "tags: [{ name: '1', platforms: [amd64, arm64, s390x] }]\n",
    "images/app/Dockerfile": "FROM --platform=$BUILDPLATFORM __hive__/tool:1\n",
    "images/tool/image.yml": "tags: [{ name: '1' }]\n",
    "images/tool/Dockerfile": "FROM scratch\n",
    "images/plain/image.yml": "tags: [{ name: '1' }]\n",
    "images/plain/Dockerfile": "FROM scratch\n",
  });
  const [amd64, arm64] = ["amd64", "arm64"].map(parsePlatform) as [Platform, Platform];
  const plan = await planOf(temp.root, {
    buildPlatforms: {
      all: [amd64, arm64],
      of: ({ architecture }) => (architecture === "arm64" ? arm64 : amd64),
    },
  });
  expect(edges(plan)).toEqual({
    "tool:1 linux/amd64": [],
    "tool:1 linux/arm64": [],
    "plain:1 linux/amd64": [],
    "app:1 linux/amd64": ["tool:1 linux/amd64 by tool:1 at 1"],
    "app:1 linux/arm64": ["tool:1 linux/arm64 by tool:1 at 1"],
    "app:1 linux/s390x": ["tool:1 linux/amd64 by tool:1 at 1"],
  });
});

test("createPlan() finds references by every way", async () => {
  const plan = await planOf(fixture("references"), {
    select: ["app"],
    platforms: [parsePlatform("arm64")],
  });
  expect(edges(plan)["app:1 linux/arm64"]).toEqual([
    "tool:1.0 linux/amd64 by tool:1.0 at 4",
    "base:1.0 linux/arm64 by base:1.0 at 9",
    "data:1.0 linux/arm64 by data:1.0 at 2",
    `data:2.0 linux/arm64 by data:2.0@sha256:${"0".repeat(64)} at 11`,
    "tool:2.0 linux/arm64 by tool:2.0 at 12",
  ]);
  expect(edges(plan)["app:2 linux/arm64"]?.[1]).toBe("base:2.0 linux/arm64 by base:2.0 at 9");
});

test("createPlan() warns about build arguments that no Dockerfile declares", async () => {
  const { warnings } = await planOf(fixture("precedence"));
  expect(warnings.map((warning) => renderDiagnostic(warning)).join("\n\n")).toMatchSnapshot();
});

test("createPlan() keeps values whose names objects have", async () => {
  await using temp = await tempProject(
    appProject(
      "tags: [{ name: '1', labels: { constructor: a, toString: b }, build_args: { constructor: c } }]\n",
      "ARG constructor\nFROM scratch\n",
    ),
  );
  const [target] = (await planOf(temp.root)).targets;
  expect(target?.labels).toMatchObject({ constructor: "a", toString: "b" });
  expect(target?.buildArgs).toEqual({ constructor: "c" } as never);
});
