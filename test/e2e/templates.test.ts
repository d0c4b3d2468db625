import { expect, test } from "bun:test";
import { join } from "node:path";
import { readdir } from "node:fs/promises";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";

function imageFile(word: string): string {
  return `tags: [{ name: "1" }, { name: "2", versions: { word: cccc } }]\nversions: { word: ${word} }\n`;
}

test("a rendered file is sent again when its text changes, even if its size and all files' times do not", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": imageFile("aaaa"),
    "images/app/Dockerfile.gotpl": [
      'FROM {{ resolve_base "base" "1.0" }}',
      "COPY README.md /",
      // Not the Dockerfile's text: only the file that is copied tells the two apart.
      "RUN cat /README.md",
      "",
    ].join("\n"),
    "images/app/README.md.gotpl": "{{ .Versions.word }} {{ .Tag }}\n",
  });
  const read = async (tag: string): Promise<string> => {
    const { stderr } = await runHive(["build", `app:${tag}`, "--progress=plain", "--no-cache"], {
      cwd: project.path,
    });
    return /(aaaa|bbbb|cccc) \d/.exec(stderr)?.[0] ?? stderr;
  };
  expect(await read("1")).toBe("aaaa 1");
  expect(await read("2")).toBe("cccc 2");
  await project.write("images/app/image.yml", imageFile("bbbb"));
  expect(await read("1")).toBe("bbbb 1");
  expect(await read("2")).toBe("cccc 2");
});

test("a step that fails in a rendered Dockerfile is shown as rendered, with the template's line", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": 'tags: [{ name: "1" }]\n',
    "images/app/Dockerfile.gotpl": [
      "{{- /* What follows is line 1 when it is rendered. */ -}}",
      "FROM __hive__/base:1.0",
      '{{ range list "one" "two" }}',
      "RUN echo {{ . }} && test {{ . }} = one",
      "{{ end }}",
    ].join("\n"),
  });
  const { stderr, exitCode } = await runHive(["build", "--progress=plain"], { cwd: project.path });
  expect(exitCode).toBe(1);
  expect(stderr).toContain("--> images/app/Dockerfile.gotpl:4, as rendered:\n");
  expect(stderr).toMatch(/> \d+ .* RUN echo two && test two = one\n/);
});

test("a variant is built on its own tag's image", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml":
      'tags: [{ name: "1" }, { name: "2" }]\nvariants: [{ name: slim, tag_suffix: -slim }]\n',
    "images/app/Dockerfile.gotpl": "FROM __hive__/base:1.0\nRUN echo of-{{ .Tag }} > /tag\n",
    "images/app/slim/Dockerfile": "FROM __hive_parent__\nRUN cat /tag\n",
  });
  const { stderr } = await runHive(["build", "app:*-slim", "--progress=plain"], {
    cwd: project.path,
  });
  expect(stderr).toMatch(/\[app:1-slim .*\bof-1\n/);
  expect(stderr).toMatch(/\[app:2-slim .*\bof-2\n/);
});

test("hive generate writes what a build gets, rendered", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": 'tags: [{ name: "1" }]\nplatforms: [linux/amd64, linux/arm64]\n',
    "images/app/Dockerfile.gotpl": 'FROM {{ resolve_base "base" "1.0" }}\n# {{ .Platform }}\n',
    "images/app/test.yml.gotpl": 'schemaVersion: "2.0.0" # {{ .Tag }}\n',
    "images/base/image.yml": 'tags: [{ name: "1.0" }]\nplatforms: [linux/amd64, linux/arm64]\n',
  });
  const { stdout, exitCode } = await runHive(["generate", "app", "--json"], { cwd: project.path });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual(
    ["amd64", "arm64"].map((arch) => ({
      directory: join(project.path, `dist/app/1.linux-${arch}`),
      reference: "app:1",
      platforms: [`linux/${arch}`],
      files: 2,
      bytes: expect.any(Number),
    })),
  );
  const directory = join(project.path, "dist/app/1.linux-arm64");
  expect((await readdir(directory)).toSorted()).toEqual(["Dockerfile", "test.yml"]);
  expect(await Bun.file(join(directory, "Dockerfile")).text()).toBe(
    "FROM __hive__/base:1.0\n# linux/arm64\n",
  );
  expect(await Bun.file(join(directory, "test.yml")).text()).toBe('schemaVersion: "2.0.0" # 1\n');
});

test("templates read the environment only when the user asks for it", async () => {
  await using project = await projectDirectory({
    "images/app/image.yml": 'tags: [{ name: "1" }]\n',
    "images/app/Dockerfile.gotpl": 'FROM scratch\nLABEL who={{ env "WHO" }}\n',
  });
  const plan = (...flags: string[]) =>
    runHive(["plan", "app", "--json", ...flags], { cwd: project.path, env: { WHO: "me" } });
  const refused = await plan();
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain("images/app/Dockerfile.gotpl:2:14");
  expect(refused.stderr).toContain("--impure-templates");
  expect((await plan("--impure-templates")).stdout).toContain("LABEL who=me");
});
