import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import type { HiveError } from "../../src/base/hive-error.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { rejection } from "../support/rejection.ts";
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
  "an ignore file of a Dockerfile that leads out": {
    ...good,
    "images/app/Dockerfile.dockerignore": "-> /etc/hosts",
  },
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
  "unset variables at any depth, once each": {
    ...good,
    "hive.yml":
      "cache: { type: '${NO_TYPE}', bucket: '${NO_BUCKET}', region: r, insecure: '${NO_FLAG}' }\n" +
      "registries:\n  ci:\n    address: ${NO_HOST}\n    mirror: ['${NO_MIRROR}/x']\n" +
      "    retention: { keep_last: '${NO_NUMBER}' }\n",
  },
  "what a variable holds where it is no choice": {
    ...good,
    "hive.yml": "cache: { type: '${TYPE:-s4}', use_path_style: '${STYLE:-maybe}' }\n",
  },
  "a cache without what its type needs": {
    ...good,
    "hive.yml": "cache: { type: s3, region: '', path: x }\n",
  },
  "a cache of an unknown type": { ...good, "hive.yml": "cache:\n  type: registri\n" },
  "wrong registries": {
    ...good,
    "hive.yml":
      "registries:\n" +
      "  ci: { address: '', role: cd, retention: { keep_last: -1, max_age: 2 weeks } }\n" +
      "  prod: { address: a.test, promote_from: [ic] }\n" +
      "  local: a.test\n",
  },
  "registries of which some are unknown": {
    ...good,
    "hive.yml": "registries:\n  ci: { address: '' }\n  prod: { address: a, promote_from: [ic] }\n",
  },
  "conditions of promotion that are none": {
    ...good,
    "hive.yml":
      "registries:\n  prod:\n    address: a\n" +
      "    require: [tests, sboms, application/vnd.acme.review, a review]\n",
  },
  "BuildKits that are none": {
    ...good,
    "hive.yml":
      "buildkit:\n  version: latest\n  nodes:\n" +
      "    - { address: '' }\n    - { address: 'tcp://a', max_parallel: 0, platforms: [a/b/c/d] }\n",
  },
  "keys of BuildKits that are none": {
    ...good,
    "hive.yml":
      "buildkit:\n  nodes:\n    - { platforms: [linux/amd64] }\n" +
      "    - { address: 'tcp://a', max_paralel: 1 }\n",
  },
  "wrong ways to build": appProject(
    "tags:\n  - name: 1\n    network: bridge\n    no_cache: maybe\n    entitlements: [network.hots]\n",
  ),
  "agents and contexts that are none": appProject(
    "tags:\n  - name: 1\n    ssh: [default=sock, 'a b', id=/run/sock]\n    contexts:\n" +
      "      a: ''\n      b: target:x\n      c: oci-layout://x\n      d: missing\n      e: ../../..\n" +
      "      f: Dockerfile\n      g: ftp://x\n      h: git@host\n",
  ),
  "a wrong alias": appProject(`${oneTag}latest_alias: { tag: '-latest' }\n`),
  "secrets that name nothing": appProject(
    `${oneTag}secrets:\n  a: { source: env, value: a-b }\n  b: { source: env, value: '' }\n` +
      "  c: { source: vault, value: kv/app }\n  d: { source: vault, value: 'vault://kv/app#' }\n" +
      "  e: { source: file, value: '' }\n  f: { source: env, value: '${A' }\n",
  ),
  "an error beside a secret without showing it": appProject(
    `${oneTag}secrets:\n  a: { sourc: plain, value: hunter2 }\n  b: hunter2\n  c:\n    value: |\n      hunter2\n` +
      "    valeu: &x hunter2\n  d: { source: plain, value: *x, more: [hunter2] }\nbuild_args: { API_TOKEN: hunter2, API_TOKEN: hunter2 }\n",
  ),
  "a misspelt secret of a cache without showing it": {
    ...good,
    "hive.yml": "cache: { type: inline, secret_acces_key: hunter2, acess_key_id: hunter2 }\n",
  },
  "YAML that is none beside a secret without showing it": appProject(
    `${oneTag}secrets: { a: { source: plain, value: hunter2 }\n`,
  ),
  "a wrong test": {
    ...good,
    "images/app/test.yml":
      "schemaVersion: 1.0.0\ncommandTest: []\ncommandTests:\n  - name: x\n    comand: y\n" +
      "fileExistenceTests: [{ name: x, path: /, uid: root, shouldExist: maybe, isExecutableBy: me }]\n",
  },
  "an empty test": { ...good, "images/app/test.yaml": "" },
  "a test that leads out": { ...good, "images/app/test.yml": "-> /etc/hosts" },
  "a template of a test that is no text": {
    ...good,
    "images/app/test.yml.gotpl": new Uint8Array([0xff]),
  },
  "a template of a Dockerfile that leads out": {
    "hive.yml": "",
    "images/app/image.yml": oneTag,
    "images/app/Dockerfile.gotpl": "-> /etc/hosts",
  },
  "a hive.yml that leads out": { ...good, "hive.yml": "-> /etc/hosts" },
  "images that are a file": { "hive.yml": "", images: "" },
  "images that lead to themselves": { "hive.yml": "", images: "-> images" },
  "an image.yml that is a directory": { "hive.yml": "", "images/app/image.yml/x": "" },
  "a Dockerfile that is a directory": {
    "hive.yml": "",
    "images/app/image.yml": oneTag,
    "images/app/Dockerfile/x": "",
  },
  "a hive.yml that is not UTF-8": { ...good, "hive.yml": new Uint8Array([0x61, 0x3a, 0xe9]) },
  "UTF-16": { ...good, "hive.yml": new Uint8Array([0xff, 0xfe, 0x61, 0x00]) },
  "a zero byte": appProject("tags: [{ name: 'a\u0000b' }]\n"),
  "errors behind a byte order mark and with Windows' line ends": appProject(
    "\ufefftags:\r\n  - name: 1\r\n    lables: { a: b }\r\n",
  ),
  "maps nested too deeply": appProject(
    Array.from({ length: 100 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
  ),
  "aliases of aliases in hive.yml": { ...good, "hive.yml": bomb() },
  "a merge that brings what is unknown": appProject(
    "build_args: &all { A: 1 }\ntags:\n  - <<: *all\n    name: 1\n",
  ),
  "a tag of YAML": appProject("tags: !!binary aGk=\n"),
  "a key without a colon": appProject("tags:\n  - name: 1\nbuild_args\n"),
  "an indentation that is between two": appProject("tags:\n    - name: 1\n  - name: 2\n"),
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
    expect(text).not.toContain("hunter2");
  });
}

// Reading a pipe waits for its writer, /dev/zero has no end, a socket can't be opened.
const special = {
  pipe: (path: string) => Bun.spawnSync(["mkfifo", path]).success,
  device: (path: string) => Bun.spawnSync(["mknod", path, "c", "1", "5"]).success,
  socket: (path: string) => {
    const server = Bun.listen({ unix: path, socket: { data: () => undefined } });
    sockets.push(server);
    return true;
  },
};
const sockets: { stop: () => void }[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.stop();
});

for (const [kind, make] of Object.entries(special)) {
  for (const name of [
    "image.yml",
    "Dockerfile",
    "Dockerfile.gotpl",
    "test.yml",
    "README.md.gotpl",
    "rootfs",
  ]) {
    test(`loadProject() reads no ${kind} in the place of ${name}`, async () => {
      const files: Record<string, string> = { "hive.yml": "", "images/app/notes": "" };
      if (name !== "image.yml") files["images/app/image.yml"] = oneTag;
      if (!name.startsWith("Dockerfile")) files["images/app/Dockerfile"] = "FROM scratch\n";
      await using project = await tempProject(files);
      expect(make(join(project.root, "images/app", name))).toBe(true);
      const loading = async (): Promise<unknown> => loadProject(project.root, { environment: {} });
      const what = name === "rootfs" ? "Cannot use" : "Cannot read";
      const why = name === "rootfs" ? "it is not a directory" : "it is not a regular file";
      const text = await thrownText(loading, project.root);
      expect(text).toContain(`${what} "images/app/${name}": ${why}\n --> images/app/${name}:1:1`);
    });
  }
}

test("loadProject() reads no pipe behind a link that stays in the project", async () => {
  await using project = await tempProject({ ...good, "images/app/test.yml": "-> pipe" });
  expect(special.pipe(join(project.root, "images/app/pipe"))).toBe(true);
  const loading = async (): Promise<unknown> => loadProject(project.root, { environment: {} });
  expect(await thrownText(loading, project.root)).toContain(
    'Cannot read "images/app/test.yml": it is not a regular file',
  );
});

test("loadProject() takes no pipe for hive.yml", async () => {
  await using project = await tempProject({ "images/app/image.yml": oneTag });
  expect(special.pipe(join(project.root, "hive.yml"))).toBe(true);
  const loading = async (): Promise<unknown> => loadProject(project.root, { environment: {} });
  expect(await thrownText(loading, project.root)).toContain("Cannot find a project");
});

test("loadProject() throws all findings, however many, sorted", async () => {
  const image = Array.from({ length: 80 }, (_, index) => `k${index}: x\n`).join("");
  await using project = await tempProject(appProject(`${oneTag}${image}`));
  const error = await rejection(loadProject(project.root, { environment: {} }));
  const { diagnostics } = error as HiveError;
  expect(diagnostics.map(({ place }) => place.line)).toEqual(
    Array.from({ length: 80 }, (_, index) => index + 2),
  );
});

test("loadProject() refuses more images than anybody plans", async () => {
  const tags = Array.from({ length: 400 }, (_, index) => `{ name: t${index} }`).join(", ");
  const names = Array.from({ length: 400 }, (_, index) => `v${index}`);
  const variants = names.map((name) => `{ name: ${name}, tag_suffix: -${name} }`).join(", ");
  await using project = await tempProject({
    ...appProject(`tags: [${tags}]\nvariants: [${variants}]\n`),
    ...Object.fromEntries(names.map((name) => [`images/app/${name}/Dockerfile`, "FROM scratch\n"])),
  });
  const loading = async (): Promise<unknown> => loadProject(project.root, { environment: {} });
  expect(await thrownText(loading, project.root)).toContain(
    "error[HV1026]: Cannot build more than 100000 images in one project: tags, variants and platforms make 160400 up to here",
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
