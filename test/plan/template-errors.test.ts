import { expect, test } from "bun:test";
import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { parsePlatform } from "../../src/oci/platform.ts";
import { createPlan } from "../../src/plan/create-plan.ts";
import { renderTests } from "../../src/plan/render-tests.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

const nativePlatform = parsePlatform("linux/amd64");

// Two tags on two platforms: what is wrong with a template is told once.
function project(template: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "hive.yml": "platforms: [amd64, arm64]\n",
    "images/base/image.yml": "tags: [{ name: 1 }, { name: 2 }]\n",
    "images/base/Dockerfile": "FROM scratch\n",
    "images/app/image.yml":
      "tags: [{ name: 1 }, { name: 2 }]\nversions: { go: 1.25 }\nbuild_args: { used: 1, unused: 2 }\n",
    "images/app/Dockerfile.gotpl": template,
    ...more,
  };
}

const cases: Record<string, Record<string, string>> = {
  "an image that resolve_base does not know": project('FROM {{ resolve_base "bsae" "1" }}\n'),
  "an image that resolve_base does not know, and none is near": project(
    'FROM {{ resolve_base "something" "1" }}\n',
  ),
  "a tag that resolve_base names": project(
    '{{ $tag := "3" }}\n{{- /* x */}}\nFROM {{ resolve_base "base" $tag }} AS x\n',
  ),
  "an unknown image behind what has other lines and columns": project(
    'FROM scratch{{ range until 5 }}\nRUN {{ . }}{{ end }}\nCOPY {{ "--chown=1:1" }} --from=__hive__/bsae:{{ .Tag | trunc 0 }}1 / /\n',
  ),
  "what an action printed that is no Dockerfile": project('FROM scratch\n{{ "RUN <<EOF\\nx" }}\n'),
  "variables that can't be replaced": project('FROM {{ "${A:?must be given}" }}\n'),
  "nothing at all": project("{{ if false }}FROM scratch{{ end }}"),
  "a template that can't be read": project("FROM scratch\n{{ if }}\n"),
  "a template that fails": project('FROM scratch\n{{ fail "not like this" }}\n'),
  "a template that loops": project(
    'FROM scratch\n{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}\n',
  ),
  "an unknown field and an unknown function": project("FROM {{ .Version }}\n", {
    "images/app/README.md.gotpl": "{{ uper .Tag }}\n",
  }),
  "a stage that no template made": project("FROM scratch AS {{ .ImageName }}\n", {
    "images/app/image.yml": "tags: [{ name: 1 }]\ntarget: ap\n",
  }),
  "a cycle that resolve_base makes": project('# app\nFROM {{ resolve_base "base" .Tag }}\n', {
    "images/base/Dockerfile": "FROM scratch\nCOPY --from=__hive__/app:1 / /\n",
  }),
  "a reference by __hive_parent__ that is misspelt": project("FROM scratch\n", {
    "images/app/image.yml": "tags: [{ name: 1 }]\nvariants: [{ name: v, tag_suffix: -v }]\n",
    "images/app/v/Dockerfile":
      "FROM __hive_parent__ AS x\nCOPY --chown=0 --from=__hive_parent__x / /\n",
  }),
  "__hive_parent__ where there is no parent": project("# __hive_parent__\nFROM __hive_parent__\n"),
  "__hive_parent__ in a build argument": project("FROM scratch\n", {
    "images/app/image.yml":
      "tags: [{ name: 1 }]\nvariants: [{ name: v, tag_suffix: -v, build_args: { BASE: __hive_parent__ } }]\n",
    "images/app/v/Dockerfile": "ARG BASE\nFROM $BASE\n",
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

test("createPlan() warns once about what a template has no value for, and about arguments that nothing uses", async () => {
  await using temp = await tempProject(
    project("FROM scratch\n# {{ .Versions.gol }} {{ .BuildArgs.used }}\n"),
  );
  const loaded = await loadProject(temp.root);
  const { warnings } = createPlan(loaded.project, { nativePlatform });
  expect(warnings.map((warning) => renderDiagnostic(warning)).join("\n\n")).toMatchSnapshot();
  const { warnings: ofBase } = createPlan(loaded.project, { nativePlatform, select: ["base"] });
  expect(ofBase).toEqual([]);
});

test.each([
  ["{{ .Platform }}", 2],
  ["{{ with .Tag }}{{ $.Platform }}{{ end }}", 2],
  ['{{ printf "%v" . }}', 2],
  ["{{ toJson $ }}", 2],
  ["{{ range list 1 2 }}{{ . }}{{ end }}", 1],
] as const)(
  "createPlan() renders %p for each platform if that makes a difference",
  async (ask, count) => {
    await using temp = await tempProject(project(`FROM scratch\n# ${ask}\n`));
    const { project: loaded } = await loadProject(temp.root);
    const { targets } = createPlan(loaded, { nativePlatform, select: ["app:1"] });
    expect(targets).toHaveLength(2);
    expect(new Set(targets.map(({ dockerfile }) => dockerfile.text)).size).toBe(count);
  },
);

test("renderTests() renders the tests of targets that have some, and tells what can't be rendered", async () => {
  await using temp = await tempProject(
    project("FROM scratch\n", {
      "images/app/test.yml.gotpl": "schemaVersion: {{ .Versions.go }}.{{ .Tag }}\n",
    }),
  );
  const { project: loaded } = await loadProject(temp.root);
  const { targets } = createPlan(loaded, { nativePlatform });
  const tests = renderTests(loaded, targets);
  expect([...tests].map(([id, { source }]) => `${id}: ${source.text}`)).toEqual([
    "app:1 linux/amd64: schemaVersion: 1.25.1\n",
    "app:1 linux/arm64: schemaVersion: 1.25.1\n",
    "app:2 linux/amd64: schemaVersion: 1.25.2\n",
    "app:2 linux/arm64: schemaVersion: 1.25.2\n",
  ]);
  await Bun.write(`${temp.root}/images/app/test.yml.gotpl`, "{{ fail `no` }}\n");
  const { project: broken } = await loadProject(temp.root);
  const text = await thrownText(() => renderTests(broken, targets), temp.root);
  expect(text).toMatchSnapshot();
});

test("createPlan() ends although a project has many templates that each nearly take too long", async () => {
  await using temp = await tempProject({
    "hive.yml": "",
    "images/app/image.yml": `tags: [${Array.from({ length: 90 }, (_, tag) => `{ name: ${tag} }`).join(", ")}]\n`,
    "images/app/Dockerfile.gotpl":
      "FROM scratch\n{{ range until 1300 }}{{ range until 700 }}{{ end }}{{ end }}\n",
  });
  const { project: loaded } = await loadProject(temp.root);
  const text = await thrownText(() => createPlan(loaded, { nativePlatform }), temp.root);
  expect(text).toContain("the templates of the project take more than 50000000 steps together");
  expect(text.split("error[HV2103]")).toHaveLength(2);
});
