import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { loadProject } from "../../src/project/load-project.ts";
import type { Project } from "../../src/project/project.ts";
import { fixture } from "../support/fixture.ts";
import { rejection } from "../support/rejection.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

async function load(files: Record<string, string>): Promise<Project> {
  await using temp = await tempProject(files);
  return (await loadProject(temp.root, { environment: { HOST: "h", EMPTY: "" } })).project;
}

const tag = (name: string): string => `tags: [{ name: '${name}' }]\n`;

const scalars = [
  ["22.10", "22.10"],
  ["8.0", "8.0"],
  ["024", "024"],
  ["yes", "yes"],
  ["1e3", "1e3"],
  ["2024-01-01", "2024-01-01"],
  ["0x10", "0x10"],
  ["true", "true"],
  ["Null", ""],
  ["~", ""],
  ["", ""],
  ["'~'", "~"],
  ['"a\\tb"', "a\tb"],
  ["!!str 1.50", "1.50"],
  ["1_000", "1_000"],
  [".5", ".5"],
  ["|\n        two\n        lines", "two\nlines\n"],
] as const;

for (const [written, read] of scalars) {
  test(`loadProject() keeps the text of ${JSON.stringify(written)}`, async () => {
    const image = `tags:\n  - name: '1'\n    versions:\n      go: ${written}\n`;
    const { images } = await load(appProject(image));
    expect(images[0]?.tags[0]?.values.versions.get("go")?.value).toBe(read);
  });
}

test("loadProject() keeps the text of tags and of keys", async () => {
  const { images } = await load(
    appProject("tags: [{ name: 22.10, build_args: { 1.10: on } }, { name: 010 }]\n"),
  );
  expect(images[0]?.tags.map(({ name }) => name)).toEqual(["22.10", "010"]);
  expect([...(images[0]?.tags[0]?.values.buildArgs.keys() ?? [])]).toEqual(["1.10"]);
});

test("loadProject() follows anchors and merge keys, what is written winning", async () => {
  const { images } = await load(
    appProject(
      "build_args: &all { A: 1, B: 2 }\ntags:\n  - name: x\n    build_args: { <<: *all, B: 3 }\n",
    ),
  );
  const values = images[0]?.tags[0]?.values.buildArgs;
  expect([...(values ?? [])].map(([name, { value }]) => `${name}=${value}`).toSorted()).toEqual([
    "A=1",
    "B=3",
  ]);
});

test("loadProject() finds nested definitions in any order, but neither variants nor rootfs", async () => {
  const { images } = await load({
    "hive.yml": "",
    "images/dotnet/image.yml": `${tag("x")}variants: [{ name: slim, tag_suffix: -slim }]\n`,
    "images/dotnet/Dockerfile": "FROM scratch\n",
    "images/dotnet/slim/Dockerfile": "FROM scratch\n",
    "images/dotnet/slim/image.yml": "this: is not read as a definition\n".replace(/.*/, tag("v")),
    "images/dotnet/8/image.yaml": tag("8"),
    "images/dotnet/8/Dockerfile": "FROM scratch\n",
    "images/dotnet/8/rootfs/image.yml": "not: ours\n",
    "images/team/tools/a/image.yml": tag("a"),
    "images/team/tools/a/Dockerfile": "FROM scratch\n",
  });
  expect(images.map(({ identifier, name, exclude }) => ({ identifier, name, exclude }))).toEqual([
    {
      identifier: "dotnet",
      name: "dotnet",
      exclude: ["8", "Dockerfile", "image.yml", "slim"],
    },
    { identifier: "dotnet/8", name: "dotnet", exclude: ["Dockerfile", "image.yaml", "rootfs"] },
    { identifier: "team/tools/a", name: "team/tools", exclude: ["Dockerfile", "image.yml"] },
  ]);
});

test("loadProject() finds images behind a symlink, in any directory", async () => {
  await using elsewhere = await tempProject({
    "app/image.yml": "tags: [{ name: '1' }]\n",
    "app/Dockerfile": "FROM scratch\n",
  });
  const project = await load({ "hive.yml": "", images: `-> ${elsewhere.root}` });
  expect(project.images.map(({ file }) => file)).toEqual(["images/app/image.yml"]);
});

test("loadProject() takes a symlinked Dockerfile inside of the project", async () => {
  const { images } = await load({
    ...appProject("tags: [{ name: '1' }]\n"),
    "shared/Dockerfile": "FROM scratch\n# shared\n",
    "images/b/image.yml": "tags: [{ name: '1' }]\n",
    "images/b/Dockerfile": "-> ../../shared/Dockerfile",
  });
  expect(images[1]?.files.dockerfile.source.text).toBe("FROM scratch\n# shared\n");
});

test("loadProject() expands variables in addresses", async () => {
  const files = {
    ...appProject("tags: [{ name: '1' }]\n"),
    "hive.yml":
      "buildkit: { address: 'tcp://${HOST}:${PORT:-1234}' }\n" +
      "registry: { address: '${EMPTY:-r.test}/${EMPTY}x$HOST', docker_media_types: TRUE }\n",
  };
  const { buildkit, registry } = await load(files);
  expect(buildkit).toEqual({ address: "tcp://h:1234", nodes: [] });
  expect(registry).toEqual({ address: "r.test/x$HOST", dockerMediaTypes: true });
});

test("loadProject() decodes every key that there is", async () => {
  const root = fixture("every-key");
  const environment = {
    REGISTRY_HOST: "registry.example.test",
    CACHE_KEY: "AKIA",
    CACHE_SECRET: "s3cret",
  };
  const { project, warnings } = await loadProject(root, { environment });
  expect(warnings).toEqual([]);
  const shown = JSON.stringify(project, withMaps, 2).replaceAll(root, "ROOT");
  expect(shown).toMatchSnapshot();
  for (const hidden of ["AKIA", "s3cret", "not so secret"]) expect(shown).not.toContain(hidden);
  const { cache, images } = project;
  expect(cache?.type === "s3" && cache.secretAccessKey?.reveal()).toBe("s3cret");
  const secrets = [...(images[0]?.secrets ?? [])].map(([id, { source, value }]) => [
    id,
    source,
    value.reveal().replace(root, "ROOT"),
  ]);
  expect(secrets).toEqual([
    ["API_KEY", "env", "API_KEY"],
    ["PASSWORD", "vault", "vault://kv/app#password"],
    ["netrc", "file", "ROOT/netrc"],
    ["fixed", "plain", "not so secret"],
    ["dollar", "env", "TOKEN"],
  ]);
});

// A place as file:line:column, a source as its name: the rest is what was read.
function withMaps(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (typeof value !== "object" || value === null) return value;
  if ("line" in value && "column" in value && "file" in value) {
    return `${String(value.file)}:${String(value.line)}:${String(value.column)}`;
  }
  return "lineStarts" in value && "file" in value ? value.file : value;
}

test.each([
  ["netrc", "ROOT/images/app/netrc"],
  ["/run/token", "/run/token"],
  ["~/token", "~/token"],
])("loadProject() knows where the secret file %s is", async (value, expected) => {
  const { root, images } = await load(
    appProject(`tags: [{ name: 1 }]\nsecrets: { a: { source: file, value: ${value} } }\n`),
  );
  const path = images[0]?.secrets.get("a")?.value.reveal();
  expect(path?.replace(root, "ROOT")).toBe(expected);
});

test("loadProject() takes a byte order mark and Windows' line ends", async () => {
  const { images } = await load(
    appProject("\ufefftags:\r\n  - name: 1.0\r\n    build_args:\r\n      A: b\r\n"),
  );
  expect(images[0]?.tags[0]?.values.buildArgs.get("A")).toEqual({
    value: "b",
    place: { file: "images/app/image.yml", line: 4, column: 7, length: 1 },
  });
});

for (const [written, read] of [
  ["true", true],
  ["Yes", undefined],
  ["yes", true],
  ["on", true],
  ["FALSE", false],
  ["n", false],
  ["off", false],
  ["~", undefined],
] as const) {
  test(`loadProject() takes ${written} for a flag as Go's YAML does`, async () => {
    const files = {
      ...appProject(tag("1")),
      "hive.yml": `registry: { docker_media_types: ${written} }\n`,
    };
    const loading = load(files).then(({ registry }) => registry.dockerMediaTypes);
    if (written === "Yes") expect(await rejection(loading)).toBeInstanceOf(HiveError);
    else expect(await loading).toBe(read);
  });
}

test("loadProject() takes the first test and the plain README, and says what it ignores", async () => {
  await using temp = await tempProject({
    ...appProject(tag("1")),
    "images/app/test.yml.gotpl": "{{ .Tag }}",
    "images/app/test.yaml.gotpl": "{{ this is not looked at",
    "images/app/README.md": "# a",
    "images/app/README.md.gotpl": "# b",
  });
  const { project, warnings } = await loadProject(temp.root, { environment: {} });
  expect(warnings.map(({ message }) => message)).toEqual([
    'Ignored "images/app/README.md.gotpl": "README.md" beside it comes first',
    'Ignored "images/app/test.yaml.gotpl": "test.yml.gotpl" beside it comes first',
  ]);
  const [image] = project.images;
  expect(image?.files.test).toMatchObject({ isTemplate: true });
  expect(image?.files.readme).toBeUndefined();
  expect(image?.exclude).toContain("README.md.gotpl");
});

test("loadProject() does not follow links to images, and says so", async () => {
  await using temp = await tempProject({
    ...appProject(tag("1")),
    "shared/image.yml": tag("2"),
    "images/other": "-> ../shared",
    "images/app/notes": "-> ../../shared/none",
    "images/app/loop": "-> ../app",
  });
  const { project, warnings } = await loadProject(temp.root, { environment: {} });
  expect(project.images.map(({ name }) => name)).toEqual(["app"]);
  expect(warnings.map(({ place }) => place.file)).toEqual(["images/app/loop", "images/other"]);
});

test("loadProject() leaves out unknown keys when it is lenient, and says so", async () => {
  await using temp = await tempProject({
    ...appProject("tags: [{ name: 1, lable: x }]\nextra: { a: b }\n"),
    "hive.yml": "platforms: [arm64]\nfuture: 1\n",
    "images/app/test.yml": "schemaVersion: 2.0.0\nfuture: 1\n",
  });
  const { project, warnings } = await loadProject(temp.root, { environment: {}, lenient: true });
  expect(warnings.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'warning: Unknown key "future"',
    'warning: Unknown key "lable" in "tags[0]"',
    'warning: Unknown key "extra"',
    'warning: Unknown key "future"',
  ]);
  expect(project.platforms).toEqual([{ os: "linux", architecture: "arm64" }]);
  expect(project.images[0]?.tags.map(({ name }) => name)).toEqual(["1"]);
});

test("loadProject() stays strict about all else when it is lenient", async () => {
  await using temp = await tempProject(appProject("tags: [{ name: 1, lable: x, labels: y }]\n"));
  const error = await rejection(loadProject(temp.root, { environment: {}, lenient: true }));
  expect((error as HiveError).diagnostics.map(({ severity }) => severity)).toEqual([
    "warning",
    "error",
  ]);
});

test("loadProject() takes the first of the project files", async () => {
  const files = { ...appProject("tags: [{ name: '1' }]\n"), "container-hive.yml": "wrong: key\n" };
  expect((await load(files)).file).toBe("hive.yml");
});
