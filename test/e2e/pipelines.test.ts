import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { runWorkflow } from "../pipeline/support/github-runner.ts";
import { runScript } from "../pipeline/support/run-script.ts";
import { type StandIns, standIns } from "../pipeline/support/stand-ins.ts";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { type GitRepository, gitRepository } from "../support/git-repository.ts";
import { run } from "../support/run.ts";
import { runHive } from "../support/run-hive.ts";
import { type RunningRegistry, startRegistry } from "../support/start-registry.ts";
import { tempDirectory } from "../support/temp-directory.ts";

await using stack = new AsyncDisposableStack();
const parts = stack.move();
let buildkit: Buildkitd;
let registry: RunningRegistry;

beforeAll(async () => {
  buildkit = parts.use(await startBuildkitd());
  const storage = parts.use(await tempDirectory());
  registry = parts.use(await startRegistry([`--storage=${storage.path}`]));
});

afterAll(() => parts.disposeAsync());

const platform = `linux/${process.arch === "x64" ? "amd64" : "arm64"}`;
const slug = platform.replace("/", "-");

const files: Readonly<Record<string, string>> = {
  "images/base/image.yml": 'tags: [{ name: "1.0.0" }]\nlatest_alias: { tag: latest }\n',
  "images/base/Dockerfile": "FROM scratch\nCOPY data /\n",
  "images/base/data": "base\n",
  "images/app/image.yml": 'tags: [{ name: "1.0.0" }]\n',
  "images/app/Dockerfile": "FROM __hive__/base:1.0.0\nCOPY data /app\n",
  "images/app/data": "app\n",
  "images/other/image.yml": 'tags: [{ name: "1.0.0" }]\n',
  "images/other/Dockerfile": "FROM scratch\nCOPY data /\n",
  "images/other/data": "other\n",
};

/** A machine with hive, a repository with its pipeline for `provider`, committed, and what goes into the registry. */
async function prepare(
  provider: string,
  where: string,
): Promise<
  AsyncDisposable & {
    readonly repository: GitRepository;
    readonly machine: StandIns;
    readonly directory: string;
  }
> {
  await using own = new AsyncDisposableStack();
  const repository = own.use(await gitRepository());
  const directory = own.use(await tempDirectory()).path;
  const at = where === "none" ? where : `${registry.address}/${where}`;
  await repository.write({
    ...files,
    "hive.yml": `platforms: [${platform}]
template_options:
  install: "true"
  registry: ${at}
  buildkit: ${buildkit.address}
  ${at === "none" ? "" : "job_image: base:1.0.0"}
`,
  });
  const made = await runHive(["template", "ci", `--provider=${provider}`], {
    cwd: repository.path,
  });
  expect([made.exitCode, made.stderr]).toEqual([0, ""]);
  await repository.commit(1);
  const machine = await standIns(directory);
  const kept = own.move();
  return { repository, machine, directory, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function tagsOf(repository: string): Promise<string[]> {
  const name = `docker://${registry.address}/${repository}`;
  const list = await run(["skopeo", "list-tags", "--tls-verify=false", name]);
  return (JSON.parse(list) as { Tags: string[] }).Tags.toSorted();
}

/** Repositories of the images that jobs ran in. */
const inside = new Set<string>();

/** The image that a job runs in has to be there when it begins. */
async function findImage(name: string): Promise<void> {
  await run(["skopeo", "inspect", "--raw", "--tls-verify=false", `docker://${name}`]);
  inside.add(name.slice(name.indexOf("/") + 1, name.lastIndexOf(":")));
}

/** What a change of `app` alone is built and named as. */
async function changeApp(repository: GitRepository): Promise<string> {
  await repository.git("checkout", "-q", "-b", "change");
  return await repository.commit(2, { "images/app/data": "changed\n" });
}

const released = ["1", "1.0", "1.0.0", `1.0.0.${slug}`];

function changed(id: string): string[] {
  return ["1", "1.0", "1.0.0", `1.0.0.${slug}`].map((tag) => `${tag}-build.${id}`);
}

describe("a generated workflow of GitHub", () => {
  const github = { repository: "Acme/Images", actor: "bee", ref_name: "main", base_ref: "" };
  const secrets = { HIVE_REGISTRY_USER: "bee", HIVE_REGISTRY_PASSWORD: "secret" };

  test("builds, pushes and names everything on a branch, and what is affected for a pull request", async () => {
    await using world = await prepare("github", "github");
    const { repository, machine, directory } = world;
    const text = await Bun.file(join(repository.path, ".github/workflows/hive.yml")).text();
    const env = { ...machine.env, PATH: machine.path };
    const start = (name: string, event: Readonly<Record<string, unknown>>) =>
      runWorkflow(text, {
        repository: repository.path,
        directory: join(directory, name),
        github: { ...github, ...event },
        secrets,
        env,
        findImage,
      });
    const first = await start("release", {
      event_name: "push",
      sha: await repository.git("rev-parse", "HEAD"),
      event: { repository: { default_branch: "main" } },
    });
    const build = (image: string): string => `build-${image}-${slug}`;
    expect(resultsOf(first)).toEqual({
      plan: "success",
      [build("base")]: "success",
      [build("app")]: "success",
      [build("other")]: "success",
      [`local-${slug}`]: "skipped",
      finalize: "success",
      done: "success",
    });
    expect(inside).toContain("github/base");
    expect(first["finalize"]?.summary).toContain("base:latest");
    expect(await tagsOf("github/base")).toEqual([...released, "latest"].toSorted());
    expect(await tagsOf("github/app")).toEqual(released);

    const sha = await changeApp(repository);
    const pull = {
      event_name: "pull_request",
      sha,
      base_ref: "main",
      ref_name: "7/merge",
      event: { pull_request: { number: 7, head: { repo: { fork: false } } }, repository: {} },
    };
    const second = await start("change", pull);
    expect(resultsOf(second)).toEqual({
      ...resultsOf(first),
      [build("other")]: "skipped",
    });
    expect(await tagsOf("github/app")).toEqual(
      [...released, ...changed(`pr-7.${sha.slice(0, 12)}`)].toSorted(),
    );
    expect(await tagsOf("github/other")).toEqual(released);

    // From a fork nothing is pushed.
    const before = (await machine.calls()).length;
    const event = { pull_request: { number: 8, head: { repo: { fork: true } } }, repository: {} };
    const third = await start("fork", { ...pull, event });
    expect(resultsOf(third)).toEqual({
      plan: "success",
      [build("base")]: "skipped",
      [build("app")]: "skipped",
      [build("other")]: "skipped",
      [`local-${slug}`]: "success",
      finalize: "skipped",
      done: "success",
    });
    const calls = (await machine.calls()).slice(before);
    expect(calls.filter((call) => /^(?:build|login|finalize)/.test(call))).toEqual([
      `build --platform=${platform} app:1.0.0`,
    ]);

    // A failure fails what needs it, and the one check that counts; the pipeline itself is checked first.
    await repository.commit(3, { "images/base/Dockerfile": "FROM scratch\nCOPY missing /\n" });
    const fourth = await start("failure", {
      ...pull,
      sha: await repository.git("rev-parse", "HEAD"),
    });
    expect(resultsOf(fourth)).toEqual({
      plan: "success",
      [build("base")]: "failure",
      [build("app")]: "skipped",
      [build("other")]: "skipped",
      [`local-${slug}`]: "skipped",
      finalize: "skipped",
      done: "failure",
    });
    await repository.commit(4, { "images/app/Dockerfile": "FROM scratch\nCOPY data /\n" });
    const fifth = await start("stale", { ...pull, sha: await repository.git("rev-parse", "HEAD") });
    expect([fifth["plan"]?.result, fifth["plan"]?.output]).toEqual([
      "failure",
      expect.stringContaining("would change"),
    ]);
    expect(fifth["done"]?.result).toBe("failure");
  }, 240_000);

  test("without a registry builds each platform in a job", async () => {
    await using world = await prepare("github", "none");
    const { repository, machine, directory } = world;
    const text = await Bun.file(join(repository.path, ".github/workflows/hive.yml")).text();
    const results = await runWorkflow(text, {
      repository: repository.path,
      directory,
      github: { ...github, event_name: "push", sha: "0", event: { repository: {} } },
      secrets: {},
      env: { ...machine.env, PATH: machine.path },
      findImage,
    });
    expect(resultsOf(results)).toEqual({
      plan: "success",
      [`local-${slug}`]: "success",
      done: "success",
    });
    expect(results[`local-${slug}`]?.output).toContain("app:1.0.0");
  });
});

function resultsOf(results: Awaited<ReturnType<typeof runWorkflow>>): Record<string, string> {
  return Object.fromEntries(Object.entries(results).map(([id, { result }]) => [id, result]));
}

type GitlabJob = {
  readonly stage?: string;
  readonly script?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly image?: string | { readonly name: string };
};

type GitlabPipeline = {
  readonly stages: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly default: { readonly before_script: readonly string[] };
  // And jobs by their names.
};

describe("a generated pipeline of GitLab", () => {
  test("builds, pushes and names everything on a branch, and what is affected for a merge request", async () => {
    await using world = await prepare("gitlab", "gitlab");
    const { repository, machine, directory } = world;
    let count = 0;
    const job = async (
      { script = [], variables = {} }: GitlabJob,
      env: Readonly<Record<string, string>>,
    ): Promise<string> => {
      const checkout = join(directory, `job-${count++}`);
      await run(["git", "clone", "--quiet", repository.path, checkout]);
      const all = { PATH: machine.path, ...machine.env, ...env, ...variables };
      const done = await runScript(["sh", "-e", "-c"], script.join("\n"), {
        cwd: checkout,
        env: all,
      });
      expect([done.code, done.output]).toEqual([0, done.output]);
      return checkout;
    };
    const pipeline = async (predefined: Readonly<Record<string, string>>): Promise<void> => {
      const env = {
        GITLAB_CI: "true",
        HIVE_REGISTRY_USER: "bee",
        HIVE_REGISTRY_PASSWORD: "secret",
        ...predefined,
      };
      const parent = parse(
        await Bun.file(join(repository.path, ".gitlab-ci.yml")).text(),
      ) as Record<string, GitlabJob>;
      const planned = await job(parent["hive:plan"] ?? {}, env);
      expect(await Bun.file(join(planned, "hive-code-quality.json")).json()).toEqual([]);
      const child = parse(
        await Bun.file(join(planned, "hive-images.yml")).text(),
      ) as GitlabPipeline;
      const jobs = (Object.values(child) as GitlabJob[]).filter((one) => one.script !== undefined);
      for (const stage of child.stages) {
        for (const one of jobs.filter((each) => each.stage === stage)) {
          if (typeof one.image === "object") {
            const image = one.image.name.replace(
              "$HIVE_REGISTRY",
              child.variables["HIVE_REGISTRY"] ?? "",
            );
            await findImage(image);
          }
          const script = [...child.default.before_script, ...(one.script ?? [])];
          await job({ ...one, script }, { ...env, ...child.variables });
        }
      }
    };
    const base = await repository.git("rev-parse", "HEAD");
    await pipeline({});
    expect(inside).toContain("gitlab/base");
    expect(await tagsOf("gitlab/base")).toEqual([...released, "latest"].toSorted());
    expect(await tagsOf("gitlab/app")).toEqual(released);
    const sha = await changeApp(repository);
    await pipeline({
      CI_MERGE_REQUEST_IID: "7",
      CI_COMMIT_SHORT_SHA: sha.slice(0, 8),
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
    });
    expect(await tagsOf("gitlab/app")).toEqual(
      [...released, ...changed(`mr-7.${sha.slice(0, 8)}`)].toSorted(),
    );
    expect(await tagsOf("gitlab/other")).toEqual(released);
  }, 240_000);
});

type BuildkiteStep = {
  readonly command: string;
  readonly image?: string;
  readonly env?: Readonly<Record<string, string>>;
};

describe("a generated pipeline of Buildkite", () => {
  test("builds, pushes and names everything on a branch, and what is affected for a pull request", async () => {
    await using world = await prepare("buildkite", "buildkite");
    const { repository, machine, directory } = world;
    let count = 0;
    const steps = async (text: string, build: Readonly<Record<string, string>>): Promise<void> => {
      // What the agent does when it uploads.
      const filled = text.replaceAll(/\$\$|\$\{?[A-Z_]+[^}\n]*\}?/g, (found) => {
        expect(found).toBe("$$");
        return "$";
      });
      const pipeline = parse(filled) as {
        readonly env?: Readonly<Record<string, string>>;
        readonly steps: readonly BuildkiteStep[];
      };
      for (const { command, env, image } of pipeline.steps) {
        if (image !== undefined) await findImage(image);
        const checkout = join(directory, `job-${count++}`);
        await run(["git", "clone", "--quiet", repository.path, checkout]);
        const done = await runScript(["bash", "-e", "-c"], command, {
          cwd: checkout,
          env: {
            PATH: machine.path,
            ...machine.env,
            BUILDKITE: "true",
            HIVE_REGISTRY_USER: "bee",
            HIVE_REGISTRY_PASSWORD: "secret",
            ...pipeline.env,
            ...build,
            ...env,
          },
        });
        expect([done.code, done.output]).toEqual([0, done.output]);
      }
    };
    const pipeline = async (build: Readonly<Record<string, string>>): Promise<void> => {
      await steps(await Bun.file(join(repository.path, ".buildkite/pipeline.yml")).text(), build);
      await steps(await machine.uploaded(), build);
    };
    const commit = await repository.git("rev-parse", "HEAD");
    await pipeline({
      BUILDKITE_COMMIT: commit,
      BUILDKITE_BRANCH: "main",
      BUILDKITE_PULL_REQUEST: "false",
    });
    expect(inside).toContain("buildkite/base");
    expect(await tagsOf("buildkite/base")).toEqual([...released, "latest"].toSorted());
    expect(await tagsOf("buildkite/app")).toEqual(released);
    expect(await machine.annotation()).toContain("base:latest");

    const sha = await changeApp(repository);
    const change = { BUILDKITE_COMMIT: sha, BUILDKITE_BRANCH: "change" };
    const pull = { BUILDKITE_PULL_REQUEST: "7", BUILDKITE_PULL_REQUEST_BASE_BRANCH: "main" };
    await pipeline({ ...change, ...pull });
    const own = changed(`pr-7.${sha.slice(0, 12)}`);
    expect(await tagsOf("buildkite/app")).toEqual([...released, ...own].toSorted());
    expect(await tagsOf("buildkite/other")).toEqual(released);

    // Any other branch keeps its hands off the names of releases.
    await pipeline({ ...change, BUILDKITE_PULL_REQUEST: "false" });
    const all = [...released, ...own, ...changed(`branch-${sha.slice(0, 12)}`)];
    expect(await tagsOf("buildkite/app")).toEqual(all.toSorted());
  }, 240_000);
});

describe("the step that installs hive", () => {
  test("takes what is at hive_url, when its checksum is right", async () => {
    await using directory = await tempDirectory();
    const stage = join(directory.path, "stage");
    await mkdir(stage);
    await Bun.write(join(stage, "hive"), "#!/bin/sh\necho installed\n");
    await run(["chmod", "+x", join(stage, "hive")]);
    const archive = join(directory.path, "hive.tar.gz");
    await run(["tar", "-czf", archive, "-C", stage, "hive"]);
    const digest = new Bun.CryptoHasher("sha256")
      .update(await Bun.file(archive).bytes())
      .digest("hex");
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) =>
        url.endsWith("/1.2.3/hive-amd64.tar.gz") || url.endsWith("/1.2.3/hive-arm64.tar.gz")
          ? new Response(Bun.file(archive))
          : new Response("none", { status: 404 }),
    });
    const install = async (name: string, checksum: string): Promise<string> => {
      await using repository = await gitRepository();
      await repository.commit(1, {
        ...files,
        "hive.yml": `template_options:
  hive_url: "${server.url.href}{version}/${name}"
  hive_version: 1.2.3
  hive_sha256_amd64: "${checksum}"
  hive_sha256_arm64: "${checksum}"
`,
      });
      const made = await runHive(["template", "ci", "--provider=gitlab", "--stdout"], {
        cwd: repository.path,
      });
      const pipeline = parse(made.stdout) as Record<string, GitlabJob>;
      const script = pipeline["hive:plan"]?.script?.[0] ?? "";
      const env = { TMPDIR: directory.path };
      const { code, output } = await runScript(["sh", "-e", "-c"], script, {
        cwd: directory.path,
        env,
      });
      return `${code === 0 ? "done" : "failed"}: ${output}`;
    };
    expect(await install("hive-{arch}.tar.gz", digest)).toMatch(/^done: [^]*installed\n$/);
    expect(await install("hive-{arch}.tar.gz", "0".repeat(64))).toMatch(/^failed: [^]*FAILED/);
    expect(await install("hive-{arch}.zip", digest)).toMatch(/^failed: [^]*404/);
  });
});
