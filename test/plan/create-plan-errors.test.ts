import { expect, test } from "bun:test";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan, type PlanOptions } from "../../src/plan/create-plan.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { fixture } from "../support/fixture.ts";
import { tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

const nativePlatform = parsePlatform("linux/amd64");

/** `name: [tags, Dockerfile, more of image.yml]`. */
type Images = Readonly<Record<string, readonly [string, string, string?]>>;

function project(images: Images, hive = ""): Record<string, string> {
  const files: Record<string, string> = { "hive.yml": hive };
  for (const [name, [tags, dockerfile, more = ""]] of Object.entries(images)) {
    files[`images/${name}/image.yml`] = `tags: [${tags}]\n${more}`;
    files[`images/${name}/Dockerfile`] = dockerfile;
  }
  return files;
}

const base = ["{ name: 1.0 }, { name: 1.1 }", "FROM scratch\n"] as const;
const two = "platforms: [linux/amd64, linux/arm64]\n";

const cases: Record<string, Record<string, string>> = {
  "an unknown image": project({ base, app: ["{ name: 1 }", "# x\nFROM __hive__/bsae:1.0\n"] }),
  "an unknown image like no other": project({
    base,
    app: ["{ name: 1 }", "FROM __hive__/zzz:1.0\n"],
  }),
  "an unknown image once, for two tags and platforms": project(
    { base, app: ["{ name: 1 }, { name: 2 }", "FROM __hive__/bsae:1.0\n"] },
    two,
  ),
  "an unknown tag": project({ base, app: ["{ name: 1 }", "FROM __hive__/base:1.2 AS x\n"] }),
  "an unknown tag by way of an ARG": project({
    base,
    app: ["{ name: 1 }", "ARG T=9\nFROM scratch\nFROM __hive__/base:${T}\n"],
  }),
  "an unknown tag of COPY and of a mount": project({
    base,
    app: [
      "{ name: 1 }",
      "FROM scratch\nCOPY --from=__hive__/base:a / /\nRUN --mount=type=bind,\\\nfrom=__hive__/base:b x\n",
    ],
  }),
  "an unknown tag behind ONBUILD": project({
    base,
    app: ["{ name: 1 }", "FROM scratch\nONBUILD COPY --from=__hive__/base:a / /\n"],
  }),
  "a reference without a tag": project({ base, app: ["{ name: 1 }", "FROM __hive__/base\n"] }),
  "the tag latest that is not there": project({
    base,
    app: ["{ name: 1 }", "FROM __hive__/base:latest\n"],
  }),
  "a reference without a name": project({ base, app: ["{ name: 1 }", "FROM __hive__/\n"] }),
  "a platform that is not there": project(
    {
      base: [...base, "platforms: [linux/amd64]\n"],
      app: ["{ name: 1 }", "FROM __hive__/base:1.0\n"],
    },
    two,
  ),
  "a build platform that is not there": project(
    {
      base: [...base, "platforms: [linux/arm64]\n"],
      app: ["{ name: 1 }", "FROM --platform=$BUILDPLATFORM __hive__/base:1.0\n"],
    },
    "platforms: [arm64]\n",
  ),
  "a platform that is none": project({
    base,
    app: ["{ name: 1 }", "FROM --platform=a/b/c/d __hive__/base:1.0\n"],
  }),
  "depends_on an unknown image": project({
    base,
    app: ["{ name: 1 }", "FROM scratch\n", "depends_on:\n  - bas\n"],
  }),
  "depends_on an image of another platform": project({
    base: [...base, "platforms: [linux/arm64]\n"],
    app: ["{ name: 1 }", "FROM scratch\n", "depends_on: [base]\n"],
  }),
  "variables that can't be replaced": project({
    app: ["{ name: 1 }", "FROM ${A:?must be given}\n"],
  }),
  "a heredoc without end": project({ app: ["{ name: 1 }", "FROM scratch\nRUN <<EOF\n"] }),
  "a cycle of one": project({ app: ["{ name: 1 }", "FROM __hive__/app:1\n"] }),
  "a cycle of two, once for two platforms": project(
    {
      a: ["{ name: 1 }", "# a\nFROM __hive__/b:1\n"],
      b: ["{ name: 1 }", "FROM scratch\nCOPY --from=__hive__/a:1 / /\n"],
    },
    two,
  ),
  "two cycles that share an image, and nothing of what hangs on them": project({
    a: ["{ name: 1 }", "FROM __hive__/b:1\nCOPY --from=__hive__/c:1 / /\n"],
    b: ["{ name: 1 }", "FROM __hive__/a:1\n"],
    c: ["{ name: 1 }", "FROM __hive__/d:1\n"],
    d: ["{ name: 1 }", "FROM __hive__/a:1\n"],
    hangs: ["{ name: 1 }", "FROM __hive__/a:1\n"],
  }),
  "a cycle by depends_on": project({
    a: ["{ name: 1 }", "FROM __hive__/b:1\n"],
    b: ["{ name: 1 }", "FROM scratch\n", "depends_on: [a]\n"],
  }),
};

for (const [name, files] of Object.entries(cases)) {
  test(`createPlan() reports ${name}`, async () => {
    await using temp = await tempProject(files);
    const loaded = await loadProject(temp.root);
    const text = await thrownText(() => createPlan(loaded.project, { nativePlatform }), temp.root);
    expect(text).toMatchSnapshot();
  });
}

const selections: readonly (readonly [string, Partial<PlanOptions>])[] = [
  ["a name that is near another", { select: ["pyton"] }],
  ["a tag that is near another", { select: ["python:3.14"] }],
  ["a tag that is near nothing", { select: ["python:latest-and-greatest"] }],
  ["a name that is near nothing", { select: ["zzzzzz", "python", "yyy+"] }],
  ["no name at all", { select: [""] }],
  ["a platform that nothing has", { platforms: [parsePlatform("linux/s390x")] }],
  [
    "a platform that the selection does not have",
    { select: ["python:3.12"], platforms: [parsePlatform("arm64")] },
  ],
];

for (const [name, options] of selections) {
  test(`createPlan() refuses to select ${name}`, async () => {
    const { project: variants } = await loadProject(fixture("variants"));
    const run = (): unknown => createPlan(variants, { nativePlatform, ...options });
    expect(await thrownText(run, fixture("variants"))).toMatchSnapshot();
  });
}
