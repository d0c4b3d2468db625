import { expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan, type PlanOptions } from "../../src/plan/create-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

type Definition = {
  readonly tags: readonly string[];
  /** Suffixes: each is a variant. */
  readonly variants?: readonly string[];
  readonly latest?: string;
};

async function planOf(
  definitions: readonly Definition[],
  options: Partial<PlanOptions> = {},
): Promise<Plan> {
  await using temp = await tempProject(filesOf(definitions));
  const { project } = await loadProject(temp.root);
  return createPlan(project, { nativePlatform: parsePlatform("amd64"), ...options });
}

function filesOf(definitions: readonly Definition[]): Record<string, string> {
  const files: Record<string, string> = { "hive.yml": "" };
  for (const [index, { tags, variants = [], latest = "" }] of definitions.entries()) {
    const directory = definitions.length === 1 ? "images/app" : `images/app/d${index}`;
    const list = (items: readonly string[]): string => `[${items.join(", ")}]`;
    const tagItems = tags.map((name) => `{ name: '${name}' }`);
    const variantItems = variants.map((suffix, at) => `{ name: v${at}, tag_suffix: '${suffix}' }`);
    files[`${directory}/image.yml`] =
      `tags: ${list(tagItems)}\nvariants: ${list(variantItems)}\n` +
      (latest === "" ? "" : `latest_alias: ${latest}\n`);
    files[`${directory}/Dockerfile`] = "FROM scratch\n";
    for (const at of variants.keys()) files[`${directory}/v${at}/Dockerfile`] = "FROM scratch\n";
  }
  return files;
}

/** `1.2 -> 1.2.3` for each. */
function written({ aliases }: Plan): string[] {
  return aliases.map(({ alias, reference }) => `${alias} -> ${reference}`.replaceAll("app:", ""));
}

const one = (...tags: string[]): Definition[] => [{ tags }];

const cases: Record<string, readonly [readonly Definition[], readonly string[]]> = {
  "a version": [one("1.2.3"), ["1 -> 1.2.3", "1.2 -> 1.2.3"]],
  "two numbers": [one("1.2"), ["1 -> 1.2"]],
  "one number": [one("1"), []],
  "four numbers": [one("1.2.3.4"), ["1 -> 1.2.3.4", "1.2 -> 1.2.3.4", "1.2.3 -> 1.2.3.4"]],
  "no version": [one("latest", "bookworm"), []],
  "a prefix": [one("v1.2.3"), ["v1 -> v1.2.3", "v1.2 -> v1.2.3"]],
  "a flavour": [
    one("v1.2.3-alpine"),
    ["v1-alpine -> v1.2.3-alpine", "v1.2-alpine -> v1.2.3-alpine"],
  ],
  "leading zeros kept": [one("24.04.1"), ["24 -> 24.04.1", "24.04 -> 24.04.1"]],
  "the highest": [
    one("1.2.3", "1.10.0", "1.9.0"),
    ["1 -> 1.10.0", "1.2 -> 1.2.3", "1.9 -> 1.9.0", "1.10 -> 1.10.0"],
  ],
  "the highest beyond what a double holds": [
    one("1.9007199254740993", "1.9007199254740992"),
    ["1 -> 1.9007199254740993"],
  ],
  "tags of the same version, in any order": [one("1.02", "1.2"), ["1 -> 1.02"]],
  "never a declared tag": [one("1", "1.2", "1.2.3"), []],
  "all but the declared": [one("1.2", "1.2.3"), ["1 -> 1.2.3"]],
  "a release over a higher pre-release": [
    one("1.2.3", "1.3.0-rc.1"),
    ["1 -> 1.2.3", "1.2 -> 1.2.3", "1.3 -> 1.3.0-rc.1"],
  ],
  "a pre-release never for its own number": [
    one("2.0.0-rc.1"),
    ["2 -> 2.0.0-rc.1", "2.0 -> 2.0.0-rc.1"],
  ],
  "the highest pre-release": [
    one("2.0.0-rc.2", "2.0.0-rc.10", "2.0.0-beta.11"),
    ["2 -> 2.0.0-rc.10", "2.0 -> 2.0.0-rc.10"],
  ],
  "flavours apart": [
    one("1.2.3", "1.3.0-alpine"),
    ["1 -> 1.2.3", "1-alpine -> 1.3.0-alpine", "1.2 -> 1.2.3", "1.3-alpine -> 1.3.0-alpine"],
  ],
  "prefixes apart": [one("v1.2", "2.0"), ["2 -> 2.0", "v1 -> v1.2"]],
  variants: [
    [{ tags: ["1.2"], variants: ["-slim", ".x"] }],
    ["1 -> 1.2", "1-slim -> 1.2-slim", "1.x -> 1.2.x"],
  ],
  "a variant and a tag of its name": [
    [{ tags: ["1.2", "1.3-slim"], variants: ["-slim"] }],
    ["1 -> 1.2", "1-slim -> 1.3-slim", "1-slim-slim -> 1.3-slim-slim"],
  ],
  "a variant called as a pre-release": [
    [{ tags: ["1.2", "1.1-nightly"], variants: ["-nightly"] }],
    ["1 -> 1.2", "1-nightly -> 1.2-nightly", "1-nightly-nightly -> 1.1-nightly-nightly"],
  ],
  "a variant's declared tag": [[{ tags: ["1", "1.2"], variants: ["-slim"] }], []],
  "pooled definitions": [
    [{ tags: ["8.1"] }, { tags: ["8.2", "9.0"] }],
    ["8 -> 8.2", "9 -> 9.0"],
  ],
  "a tag declared by another definition": [[{ tags: ["8.1"] }, { tags: ["8"] }], []],

  "latest as an alias": [
    [{ tags: ["1.2", "1.10", "2.0-rc.1"], latest: "{ tag: latest }" }],
    ["1 -> 1.10", "2 -> 2.0-rc.1", "latest -> 1.10"],
  ],
  "stable as an alias": [
    [{ tags: ["1.2"], latest: "{ tag: stable }" }],
    ["1 -> 1.2", "stable -> 1.2"],
  ],
  "latest of variants": [
    [{ tags: ["1", "2"], variants: ["-slim"], latest: "{ tag: latest }" }],
    ["latest -> 2", "latest-slim -> 2-slim"],
  ],
  "latest without a flavour where there is one": [
    [{ tags: ["1", "2-alpine"], latest: "{ tag: latest }" }],
    ["latest -> 1"],
  ],
  "latest with a flavour where all have one": [
    [{ tags: ["1-alpine", "2-alpine"], latest: "{ tag: latest }" }],
    ["latest -> 2-alpine"],
  ],
  "latest of pooled definitions": [
    [
      { tags: ["8"], variants: ["-a"], latest: "{ tag: latest }" },
      { tags: ["9"], variants: ["-b"] },
    ],
    ["latest -> 9", "latest-b -> 9-b"],
  ],
  "latest written twice the same": [
    [
      { tags: ["8"], latest: "{ tag: latest }" },
      { tags: ["9"], latest: "{ tag: latest }" },
    ],
    ["latest -> 9"],
  ],
  "latest declared": [[{ tags: ["1", "latest"], latest: "{ tag: latest }" }], []],
  "latest to a tag": [
    [{ tags: ["1", "2"], variants: ["-slim"], latest: "{ tag: 1 }" }],
    ["latest -> 1", "latest-slim -> 1-slim"],
  ],
  "latest to a tag that is no version": [
    [{ tags: ["bookworm", "trixie"], latest: "{ tag: bookworm }" }],
    ["latest -> bookworm"],
  ],
  "latest missing, silently": [
    [{ tags: ["edge"], latest: "{ tag: latest, on_missing: silent }" }],
    [],
  ],
  "a latest tag missing, silently": [
    [{ tags: ["edge"], latest: "{ tag: 1.0, on_missing: silent }" }],
    [],
  ],
};

for (const [name, [definitions, expected]] of Object.entries(cases)) {
  test(`createPlan() has aliases for ${name}`, async () => {
    expect(written(await planOf(definitions))).toEqual([...expected]);
  });
}

test("createPlan() has the aliases of the whole project, whatever is selected", async () => {
  const plan = await planOf(one("1.2.3", "1.3.0"), { select: ["app:1.2.3"] });
  expect(plan.targets.map(({ tag }) => tag)).toEqual(["1.2.3"]);
  expect(written(plan)).toEqual(["1 -> 1.3.0", "1.2 -> 1.2.3", "1.3 -> 1.3.0"]);
});

test("createPlan() warns of a latest alias that leads nowhere", async () => {
  const plan = await planOf([{ tags: ["edge"], latest: "{ tag: latest, on_missing: warning }" }]);
  expect(plan.warnings.map((warning) => renderDiagnostic(warning)).join("\n\n")).toMatchSnapshot();
});

const wrong: Record<string, readonly Definition[]> = {
  "leads nowhere": [{ tags: ["edge"], latest: "{ tag: latest }" }],
  "names a tag that is not there": [{ tags: ["1.10", "1.11"], latest: "{ tag: '1.12' }" }],
  "is another one in another definition": [
    { tags: ["8"], latest: "{ tag: latest }" },
    { tags: ["9"], latest: "{ tag: stable }" },
  ],
};

for (const [name, definitions] of Object.entries(wrong)) {
  test(`createPlan() refuses a latest alias that ${name}`, async () => {
    await using temp = await tempProject(filesOf(definitions));
    const { project } = await loadProject(temp.root);
    const plan = (): Plan => createPlan(project, { nativePlatform: parsePlatform("amd64") });
    expect(await thrownText(plan, temp.root)).toMatchSnapshot();
  });
}
