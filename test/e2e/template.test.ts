import { describe, expect, test } from "bun:test";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { type GitRepository, gitRepository } from "../support/git-repository.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";

const files = {
  "hive.yml": `platforms: [linux/amd64]
template_options: { install: "true" }
`,
  "images/base/image.yml": 'description: the first\ntags: [{ name: "1.0" }]\n',
  "images/base/Dockerfile": "FROM scratch\nCOPY data /\n",
  "images/base/data": "base\n",
  "images/app/image.yml": 'tags: [{ name: "1.0" }, { name: "2.0" }]\n',
  "images/app/Dockerfile": "FROM __hive__/base:1.0\nCOPY data /app\n",
  "images/app/data": "app\n",
  "images/other/image.yml": 'tags: [{ name: "1.0" }]\n',
  "images/other/Dockerfile": "FROM scratch\nCOPY data /\n",
  "images/other/data": "other\n",
};

const workflow = ".github/workflows/hive.yml";

async function committed(more: Readonly<Record<string, string>> = {}): Promise<GitRepository> {
  const repository = await gitRepository();
  await repository.commit(1, { ...files, ...more });
  return repository;
}

function hive({ path }: GitRepository, ...args: string[]): Promise<HiveResult> {
  return runHive(["template", ...args], { cwd: path });
}

const read = ({ path }: GitRepository, file: string): Promise<string> =>
  Bun.file(join(path, file)).text();

describe("hive template ci", () => {
  test("writes the files once, tells when they would change, and replaces only its own", async () => {
    await using repository = await committed();
    const check = (...args: string[]): Promise<HiveResult> =>
      hive(repository, "ci", "--provider=github", "--check", ...args);
    expect(await check()).toMatchObject({ exitCode: 3, stdout: `${workflow}: is missing\n` });
    expect(await Bun.file(join(repository.path, workflow)).exists()).toBe(false);
    const first = await hive(repository, "ci", "--provider=github");
    expect(first).toMatchObject({ exitCode: 0, stdout: `${workflow}: written\n`, stderr: "" });
    expect((await check()).exitCode).toBe(0);
    const again = await hive(repository, "ci", "--provider=github", "--json");
    expect(JSON.parse(again.stdout)).toEqual([{ path: workflow, change: "same" }]);

    // The graph changes, and so does the pipeline.
    await repository.write({ "images/other/Dockerfile": "FROM __hive__/app:1.0\nCOPY data /\n" });
    expect(await check()).toMatchObject({ exitCode: 3, stdout: `${workflow}: would change\n` });
    expect((await hive(repository, "ci", "--provider=github")).stdout).toContain("changed");
    expect(await read(repository, workflow)).toContain("needs: [plan, build-app-linux-amd64]");

    await repository.write({ [workflow]: "name: mine\n" });
    const refused = await hive(repository, "ci", "--provider=github");
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("--force")]);
    expect(await read(repository, workflow)).toBe("name: mine\n");
    expect((await check()).exitCode).toBe(3);
    expect((await hive(repository, "ci", "--provider=github", "--force")).exitCode).toBe(0);
    expect((await check()).exitCode).toBe(0);
  });

  test("writes where it is told, and from below a repository to its top", async () => {
    await using repository = await gitRepository();
    const below = Object.entries(files).map(([path, text]) => [`sub/${path}`, text]);
    await repository.commit(1, Object.fromEntries(below));
    const run = (...args: string[]): Promise<HiveResult> =>
      runHive(["template", "ci", ...args], { cwd: join(repository.path, "sub") });
    expect((await run("--provider=buildkite")).exitCode).toBe(0);
    expect(await read(repository, ".buildkite/pipeline.yml")).toContain("HIVE_PROJECT: sub\n");
    expect((await run("--provider=gitlab", "--output=out")).exitCode).toBe(0);
    expect(await read(repository, "sub/out/.gitlab-ci.yml")).toContain("HIVE_PROJECT: sub\n");
  });

  test("puts the project's own templates in the place of built-in ones, file by file", async () => {
    await using repository = await committed({
      "templates/ci/github/_after-build.gotpl":
        '- name: Test\n  run: ./test.sh {{ join " " .Job.References }} {{ include "_mine" }}\n',
      "templates/ci/github/_mine.gotpl": "{{ .Hive.Version | len | lt 0 }}\n",
      "templates/ci/github/_afer-build.gotpl": "\n",
    });
    const { exitCode, stderr } = await hive(repository, "ci", "--provider=github");
    expect(exitCode).toBe(0);
    expect(stderr).toContain('is made of the template "_afer-build"');
    expect(stderr).toContain('did you mean "_after-build"?');
    expect(stderr).not.toContain("_mine");
    expect(await read(repository, workflow)).toContain(
      "      - name: Test\n        run: ./test.sh app:1.0 app:2.0 true\n",
    );

    await repository.write({ "templates/ci/github/_mine.gotpl": "\n{{ .Nope }}\n" });
    const wrong = await hive(repository, "ci", "--provider=github", "--check");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("templates/ci/github/_mine.gotpl:2:");
  });

  test("ejects the built-in templates, which give the same, and replaces none of the user's", async () => {
    await using repository = await committed();
    for (const provider of ["github", "gitlab", "buildkite"]) {
      const args = ["ci", `--provider=${provider}`];
      const { stdout } = await hive(repository, ...args, "--stdout");
      expect((await hive(repository, ...args, "--eject")).exitCode).toBe(0);
      expect((await hive(repository, ...args, "--stdout")).stdout).toBe(stdout);
      expect(await readdir(join(repository.path, "templates/ci", provider))).toContain(
        "_install.gotpl",
      );
    }
    const own = "templates/ci/github/_build.gotpl";
    await repository.write({ [own]: "- run: mine\n" });
    const refused = await hive(repository, "ci", "--provider=github", "--eject", "_build");
    expect([refused.exitCode, await read(repository, own)]).toEqual([2, "- run: mine\n"]);
    const unknown = await hive(repository, "ci", "--provider=github", "--eject", "_biuld");
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('"_build"')]);
  });

  test("warns of options that no template reads, and of jobs that find no hive", async () => {
    await using repository = await committed({
      "hive.yml": `platforms: [linux/amd64]
template_options:
  runer_linux_amd64: big
  gitlab_tags: /^v/
  buildkite_runner_linux_arm64: arm
  github_shard: 2
  mine: yes
`,
      "templates/ci/gitlab/_report.gotpl": '{{ option "mine" }}\n',
    });
    const { stderr } = await hive(repository, "ci", "--provider=gitlab");
    expect(stderr).toContain('reads the option "runer_linux_amd64"');
    expect(stderr).toContain('did you mean "runner_linux_amd64"');
    expect(stderr).toContain('reads the option "github_shard"');
    expect(stderr).not.toMatch(/gitlab_tags|buildkite_runner|"mine"/);
    expect(stderr).toContain("set hive_url or install or image");
  });

  test("is limited to what changed, and to what jobs run in", async () => {
    await using repository = await committed();
    await repository.write({ "images/app/data": "changed\n" });
    const jobs = async (...args: string[]): Promise<unknown> =>
      JSON.parse((await hive(repository, "ci", "--provider=github", "--jobs", ...args)).stdout);
    const app = "app:1.0 app:2.0";
    expect(await jobs("--since=HEAD")).toEqual({
      "build-app-linux-amd64": app,
      "local-linux-amd64": app,
      finalize: app,
    });
    expect(Object.keys((await jobs()) as object)).toHaveLength(5);
    const part = await hive(
      repository,
      "ci",
      "--provider=buildkite",
      "--stdout",
      "images.yml",
      "--since=HEAD",
    );
    expect(part.stdout).toContain("hive build --push --platform=linux/amd64 app\n");
    expect(part.stdout).toContain("hive finalize app:1.0 app:2.0");
    expect(part.stdout).not.toMatch(/build-base|depends_on: \[build-base/);
    await repository.commit(2);
    for (const provider of ["gitlab", "buildkite"]) {
      const args = ["ci", `--provider=${provider}`, "--stdout", "images.yml", "--since=HEAD"];
      const none = await hive(repository, ...args);
      expect(none.stdout).toContain("echo 'The change affects no image'");
      expect(none.stdout).not.toContain("finalize app");
    }
    expect(await jobs("--since=HEAD")).toEqual({});

    await repository.write({
      "hive.yml": "platforms: [linux/amd64]\ntemplate_options: { job_image: 'app:1.0' }\n",
    });
    await repository.commit(3);
    expect(await jobs("--since=HEAD")).toEqual({
      "build-app-linux-amd64": app.slice(0, 7),
      "build-base-linux-amd64": "base:1.0",
      finalize: "base:1.0 app:1.0",
    });
  });

  test("takes odd names for what they are", async () => {
    await using repository = await gitRepository();
    const directory = `a "b": #c 'd' $HOME \u00fc`;
    const name = `no: 'x' "y" # {{ z }} \\ \u2028`;
    const odd = { ...files, "hive.yml": `template_options: { name: ${JSON.stringify(name)} }\n` };
    const below = Object.entries(odd).map(([path, text]) => [`${directory}/${path}`, text]);
    await repository.commit(1, Object.fromEntries(below));
    const made = async (...args: string[]): Promise<unknown> => {
      const cwd = join(repository.path, directory);
      return parse((await runHive(["template", "ci", "--stdout", ...args], { cwd })).stdout);
    };
    const escaped = directory.replace("$", "$$$$");
    expect(await made("--provider=github")).toMatchObject({
      name,
      env: { HIVE_PROJECT: directory },
    });
    const variables = { HIVE_PROJECT: escaped };
    expect(await made("--provider=gitlab")).toMatchObject({ variables });
    expect(await made("--provider=gitlab", "images.yml")).toMatchObject({ variables });
    const [step] = ((await made("--provider=buildkite")) as { steps: unknown[] }).steps;
    expect(step).toMatchObject({ env: variables });
  });

  test("pushes to the registry that hive.yml names", async () => {
    await using repository = await committed();
    const registry = async (settings: string): Promise<unknown> => {
      await repository.write({ "hive.yml": `platforms: [linux/amd64]\n${settings}\n` });
      const args = ["ci", "--provider=gitlab", "--stdout", "images.yml"];
      const { stdout } = await hive(repository, ...args);
      return /HIVE_REGISTRY: (.*)/.exec(stdout)?.[1] ?? /HIVE_PUSH: .*/.exec(stdout)?.[0];
    };
    const named = "registries: { pool: { address: pool.example/ci, role: ci } }\n";
    expect(await registry("")).toBe('"$CI_REGISTRY_IMAGE"');
    expect(await registry(named)).toBe("pool.example/ci");
    expect(await registry(`${named}registry: { address: "https://one.example/a/" }`)).toBe(
      "one.example/a",
    );
    expect(await registry(`${named}template_options: { registry: pool }`)).toBe("pool.example/ci");
    expect(await registry(`${named}template_options: { registry: two.example }`)).toBe(
      "two.example",
    );
    expect(await registry(`${named}template_options: { registry: none }`)).toBe(
      'HIVE_PUSH: "false"',
    );
  });

  test("says what is wrong with its flags", async () => {
    await using repository = await committed();
    const errors = async (...args: string[]): Promise<string> => {
      const { exitCode, stderr } = await hive(repository, "ci", ...args);
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await errors()).toContain("github, gitlab, buildkite");
    expect(await errors("--provider=githb")).toContain("github");
    expect(await errors("--provider=gitlab", "image.yml")).toContain('"images.yml"');
    expect(await errors("--provider=gitlab", "images.yml")).toContain("--stdout");
    await repository.write({ "hive.yml": "template_options: { job_image: 'ap:1.0' }\n" });
    expect(await errors("--provider=github")).toContain('"app:1.0"');
    await repository.write({ "hive.yml": "template_options: { shards: many }\n" });
    expect(await errors("--provider=github")).toContain("shards");
  });
});

describe("hive template custom", () => {
  test("renders the user's own templates with what pipelines are made of", async () => {
    await using repository = await committed({
      "ci/jobs.txt.gotpl": `{{ range .Jobs }}{{ .Title }}: {{ join " " .Patterns }} after {{ join "," .Needs }}
{{ end }}{{ range .Images }}{{ .Name }}{{ with .Description }} ({{ . }}){{ end }} {{ include "_tags" . }}
{{ end }}{{ range .Levels }}{{ join " " . }};{{ end }} {{ option "colour" "red" }} {{ (first .Platforms).Name }} {{ .Complete }}
`,
      "ci/_tags.gotpl": "{{ range .Job.Tags }}{{ .Tag }},{{ end }}\n",
    });
    const { stdout, stderr, exitCode } = await hive(repository, "custom", "ci/jobs.txt.gotpl");
    expect([stdout, stderr, exitCode]).toEqual([
      `base linux/amd64: base after 
other linux/amd64: other after 
app linux/amd64: app after build-base-linux-amd64
base (the first) 1.0,
other 1.0,
app 1.0,2.0,
base:1.0 other:1.0;app:1.0 app:2.0; red linux/amd64 true
`,
      "",
      0,
    ]);
    const write = (...more: string[]): Promise<HiveResult> =>
      hive(repository, "custom", "ci/jobs.txt.gotpl", "--output=out", ...more);
    expect((await write("--check")).exitCode).toBe(3);
    expect((await write()).exitCode).toBe(0);
    expect(await read(repository, "out/jobs.txt")).toBe(stdout);
    expect((await write("--check")).exitCode).toBe(0);
    await repository.write({ "out/jobs.txt": "mine\n" });
    expect([(await write()).exitCode, (await write("--force")).exitCode]).toEqual([2, 0]);
  });

  test("takes no file that is no template of the project's", async () => {
    await using repository = await committed({ "a.gotpl": "a\n", "b/a.gotpl": "b\n" });
    await mkdir(join(repository.path, "d.gotpl"));
    const error = async (...args: string[]): Promise<string> => {
      const { exitCode, stderr } = await hive(repository, "custom", ...args);
      expect(exitCode).toBe(2);
      return stderr;
    };
    expect(await error("hive.yml")).toContain('"hive.yml" is no template');
    expect(await error("c.gotpl")).toContain('"c.gotpl" is no template');
    expect(await error("a.gotpl", "b/a.gotpl")).toContain("--output");
    expect(await error("a.gotpl", "b/a.gotpl", "--output=out")).toContain('"a"');
  });
});
