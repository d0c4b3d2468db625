import { expect, test } from "bun:test";
import { join } from "node:path";
import type { ProjectHistory } from "../../src/plan/target-times.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { automaticLabels } from "../../src/plan/automatic-labels.ts";
import { expandUnits } from "../../src/render/expand-units.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { loadProject } from "../../src/project/load-project.ts";
import type { StandardLabel } from "../../src/project/project.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

const native = parsePlatform("linux/amd64");
const name = "org.opencontainers.image";

test("automaticLabels() says what is known, and leaves out the rest", async () => {
  await using temp = await tempProject(
    appProject(`description: An app
tags: [{ name: "1.0", labels: { ${name}.title: mine, own: "1" } }]
`),
  );
  const { project } = await loadProject(temp.root);
  const [unit] = expandUnits(project, [native]);
  if (unit === undefined) throw new Error("There is no unit");
  const place = { file: "hive.yml", line: 1, column: 1 };
  const written: readonly (readonly [StandardLabel, string])[] = [
    ["vendor", "Us & Co"],
    ["url", "https://example.com/%image%:%tag%?%other%"],
  ];
  const standardLabels = new Map(written.map(([key, value]) => [key, { value, place }]));
  expect(automaticLabels(unit, { standardLabels }, { time: undefined, source: undefined })).toEqual(
    {
      [`${name}.title`]: "app",
      [`${name}.ref.name`]: "app:1.0",
      [`${name}.version`]: "1.0",
      [`${name}.description`]: "An app",
      [`${name}.vendor`]: "Us & Co",
      [`${name}.url`]: "https://example.com/app:1.0?%other%",
    },
  );
  const time = { epoch: 1_714_564_800, revision: "abc", tracked: true };
  expect(
    automaticLabels(unit, { standardLabels }, { time, source: "https://example.com/x" }),
  ).toMatchObject({
    [`${name}.created`]: "2024-05-01T12:00:00Z",
    [`${name}.revision`]: "abc",
    [`${name}.source`]: "https://example.com/x",
  });
  // They win over what the user wrote.
  const [target] = createPlan(project, { nativePlatform: native }).targets;
  expect(target?.labels).toMatchObject({ [`${name}.title`]: "app", own: "1" });
});

const family = {
  "hive.yml": "platforms: [linux/amd64]\n",
  "images/base/image.yml": "tags: [{ name: '1' }]\n",
  "images/base/Dockerfile": "FROM scratch\n",
  "images/app/image.yml": "tags: [{ name: '1' }]\n",
  "images/app/Dockerfile": "FROM __hive__/base:1\n",
  "images/timed/image.yml":
    "tags: [{ name: '1', build_args: { SOURCE_DATE_EPOCH: '7' } }, { name: '2' }]\n",
  "images/timed/Dockerfile": "FROM __hive__/base:1\nARG SOURCE_DATE_EPOCH\n",
};

async function timesOf(
  times: Readonly<Record<string, number>>,
  more: Omit<ProjectHistory, "directories"> = {},
): Promise<Record<string, readonly [number | undefined, string | undefined, boolean]>> {
  await using temp = await tempProject(family);
  const { project } = await loadProject(temp.root);
  const directories = new Map(
    Object.entries(times).map(([image, time], age) => [
      join(temp.root, "images", image),
      { id: `${image}'s`, time, age },
    ]),
  );
  const { targets } = createPlan(project, {
    nativePlatform: native,
    history: { directories, ...more },
  });
  return Object.fromEntries(
    targets.map(({ reference, epoch, labels, context }) => [
      reference,
      [epoch, labels[`${name}.revision`], context.tracked === true] as const,
    ]),
  );
}

test("a target's time is the newest of its own and of those it needs", async () => {
  const project = { id: "project's", time: 500, age: 0 };
  expect(await timesOf({ base: 200, app: 100, timed: 300 }, { project })).toEqual({
    "base:1": [200, "base's", true],
    "app:1": [200, "base's", true],
    "timed:1": [7, "timed's", true],
    "timed:2": [300, "timed's", true],
  });
  // Equal times: the one that history has last.
  expect(await timesOf({ app: 200, base: 200 })).toMatchObject({ "app:1": [200, "app's", true] });
});

test("without a commit of its own a target has the project's, or none", async () => {
  const project = { id: "project's", time: 500, age: 0 };
  expect(await timesOf({ base: 200 }, { project })).toMatchObject({
    "base:1": [200, "base's", true],
    "app:1": [500, "project's", false],
  });
  expect(await timesOf({})).toMatchObject({ "app:1": [0, undefined, false] });
});

test("SOURCE_DATE_EPOCH is everybody's time, commits stay", async () => {
  expect(await timesOf({ base: 200, app: 300, timed: 1 }, { epoch: 9 })).toMatchObject({
    "base:1": [9, "base's", true],
    "app:1": [9, "app's", true],
    "timed:1": [9, "base's", true],
  });
});
