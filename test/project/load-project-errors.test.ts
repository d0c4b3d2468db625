import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { loadProject } from "../../src/project/load-project.ts";
import { appProject, tempProject } from "../support/temp-project.ts";
import { thrownText } from "../support/thrown.ts";

const oneTag = "tags: [{ name: '1' }]\n";
const good = appProject(oneTag);

// Every finding with its whole frame: the snapshot file is what users read.
const cases: Record<string, Record<string, string | Uint8Array>> = {
  "an unknown key of hive.yml": { ...good, "hive.yml": "# ours\nplatfroms: [linux/amd64]\n" },
  "an unknown key deep in hive.yml": {
    ...good,
    "hive.yml": "registry:\n  adress: example.test\n",
  },
  "an unknown key that is near nothing": { ...good, "hive.yml": "zzz: 1\n" },
  "unknown keys of image.yml, all of them": appProject(
    "tags:\n  - name: 1\n    build_arg: { a: 1 }\nplatform: [arm64]\n",
  ),
  "a duplicate key": appProject("tags: [{ name: 1 }]\ntags: [{ name: 2 }]\n"),
  "YAML that is none": appProject("tags: [\n"),
  "a tab as indentation": appProject("tags:\n\t- name: 1\n"),
  "two documents": appProject("tags: []\n---\ntags: []\n"),
  "text where a list belongs": appProject("tags: hello\n"),
  "a list where a map belongs": appProject("tags: [{ name: 1, build_args: [a, b] }]\n"),
  "a map where text belongs": appProject("tags: [{ name: { a: b } }]\n"),
  "a file that is a list": appProject("- a\n- b\n"),
  "a tag without a name": appProject("tags:\n  - versions: { go: 1.2 }\n"),
  "a wrong choice": appProject(`${oneTag}latest_alias: { tag: '1', on_missing: warn }\n`),
  "a wrong flag": { ...good, "hive.yml": "registry: { docker_media_types: maybe }\n" },
  "a wrong secret source": appProject(`${oneTag}secrets: { KEY: { source: envv, value: A } }\n`),
  "tags that are none": appProject("tags: [{ name: .a }, { name: ~ }, { name: 'a b' }]\n"),
  "a tag that its suffix makes none": {
    ...appProject(`${oneTag}variants: [{ name: slim, tag_suffix: '/slim' }]\n`),
    "images/app/slim/Dockerfile": "FROM scratch\n",
  },
  "no tags": appProject("description: nothing yet\n"),
  "an empty image.yml": appProject(""),
  "duplicate tags in one file": appProject("tags:\n  - name: 1.0\n  - name: '1.0'\n"),
  "duplicate tags in a pool": {
    "hive.yml": "",
    "images/dotnet/8/image.yml": oneTag,
    "images/dotnet/8/Dockerfile": "FROM scratch\n",
    "images/dotnet/9/image.yml": oneTag,
    "images/dotnet/9/Dockerfile": "FROM scratch\n",
  },
  "a variant without a suffix": {
    ...appProject(`${oneTag}variants:\n  - name: slim\n    tag_suffix: ''\n`),
    "images/app/slim/Dockerfile": "FROM scratch\n",
  },
  "a variant without a directory": appProject(
    `${oneTag}variants:\n  - { name: slim, tag_suffix: -slim }\n`,
  ),
  "a variant without a Dockerfile": {
    ...appProject(`${oneTag}variants:\n  - { name: slim, tag_suffix: -slim }\n`),
    "images/app/slim/README.md": "",
  },
  "a variant that leads elsewhere": appProject(
    `${oneTag}variants:\n  - { name: ../other, tag_suffix: -slim }\n`,
  ),
  "an image name that is none": {
    "hive.yml": "",
    "images/My App/image.yml": oneTag,
    "images/My App/Dockerfile": "FROM scratch\n",
  },
  "an image in images itself": {
    "hive.yml": "",
    "images/image.yml": oneTag,
    "images/Dockerfile": "FROM scratch\n",
  },
  "wrong platforms": appProject("tags: [{ name: 1, platforms: [linux/amd64/v2/x, ''] }]\n"),
  "no Dockerfile": { "hive.yml": "", "images/app/image.yml": oneTag },
  "a Dockerfile and its template": { ...good, "images/app/Dockerfile.gotpl": "FROM scratch\n" },
  "image.yml and image.yaml": { ...good, "images/app/image.yaml": oneTag },
  "no images directory": { "hive.yml": "platforms: []\n" },
  "images without an image": { "hive.yml": "", "images/README.md": "" },
  "a Dockerfile that leads out": { ...good, "images/app/Dockerfile": "-> /etc/passwd" },
  "an image.yml that leads out": { ...good, "images/app/image.yml": "-> /etc/hosts" },
  "a rootfs that leads out": { ...good, "images/app/rootfs": "-> /etc" },
  "a rootfs that is a file": { ...good, "images/app/rootfs": "" },
  "a Dockerfile that leads nowhere": { ...good, "images/app/Dockerfile": "-> missing" },
  "a file that is no text": { ...good, "images/app/image.yml": new Uint8Array([0x61, 0xff, 0xfe]) },
  "a file that is too large": { ...good, "images/app/image.yml": "#".repeat(1024 * 1024 + 1) },
  "aliases of aliases": appProject(bomb()),
  "an alias inside of what it names": appProject("tags: &a [*a]\n"),
  "an alias of nothing": appProject("tags: *a\n"),
  "brackets without end": appProject("[".repeat(100_000)),
  "a list as a key": appProject("[a, b]: c\n"),
  "a key that would change objects": appProject(`${oneTag}labels: { __proto__: x }\n`),
  "a merge of text": appProject(`${oneTag}labels: { <<: text }\n`),
  "an unset variable": {
    ...good,
    "hive.yml": "buildkit:\n  address: tcp://${NO_SUCH_HOST}:1234\n",
  },
  "several files at once": {
    ...good,
    "hive.yml": "platfroms: []\n",
    "images/base/image.yml": "tag: []\n",
    "images/base/Dockerfile": "FROM scratch\n",
  },
};

for (const [name, files] of Object.entries(cases)) {
  test(`loadProject() reports ${name}`, async () => {
    await using project = await tempProject(files);
    const text = await thrownText(
      async () => loadProject(project.root, { environment: {} }),
      project.root,
    );
    expect(text).toMatchSnapshot();
  });
}

test("loadProject() does not wait for a writer of a pipe that is there instead of a file", async () => {
  await using project = await tempProject({ ...good, "images/app/Dockerfile": "" });
  const path = join(project.root, "images/app/Dockerfile");
  await rm(path);
  expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
  const loading = async (): Promise<unknown> => loadProject(project.root, { environment: {} });
  expect(await thrownText(loading, project.root)).toContain(
    'Cannot read "images/app/Dockerfile": it is not a regular file',
  );
});

function bomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) {
    const alias = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array(10).fill(alias).join(", ")}]`);
  }
  return `${lines.join("\n")}\n`;
}
