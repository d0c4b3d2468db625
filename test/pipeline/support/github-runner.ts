import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { run } from "../../support/run.ts";
import { runScript } from "./run-script.ts";

type Step = {
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
};

type Job = {
  readonly needs?: readonly string[];
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly container?: { readonly image: string };
  readonly steps: readonly Step[];
};

type Workflow = {
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
};

export type JobResult = {
  readonly result: "success" | "failure" | "skipped";
  readonly outputs: Readonly<Record<string, string>>;
  readonly output: string;
  readonly summary: string;
};

export type GithubRun = {
  /** A repository, which each job clones. */
  readonly repository: string;
  readonly directory: string;
  /** The context `github`. */
  readonly github: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Looks for the image that a job is to run in. @throws when it is not there */
  readonly findImage: (name: string) => Promise<unknown>;
};

/** Runs a workflow's jobs one after the other, as far as hive's workflows go: scripts, conditions, outputs, files. */
export async function runWorkflow(
  text: string,
  { repository, directory, github, secrets, env, findImage }: GithubRun,
): Promise<Record<string, JobResult>> {
  const workflow = parse(text) as Workflow;
  const results: Record<string, JobResult> = {};
  // Jobs stand after those that they need, as hive writes them.
  for (const [id, job] of Object.entries(workflow.jobs)) {
    const needs = Object.fromEntries((job.needs ?? []).map((need) => [need, results[need]]));
    const ancestors = (names: readonly string[]): JobResult[] =>
      names.flatMap((name) => [
        ...(results[name] === undefined ? [] : [results[name]]),
        ...ancestors(workflow.jobs[name]?.needs ?? []),
      ]);
    const failed = ancestors(job.needs ?? []).some(({ result }) => result === "failure");
    const context = { github, secrets, needs, failed };
    const condition = job.if ?? "";
    const hasStatus = /always\(\)|failure\(\)|cancelled\(\)/.test(condition);
    const ready = hasStatus || Object.values(needs).every((one) => one?.result === "success");
    const wanted = condition === "" ? "true" : inner(condition);
    if (!ready || evaluate(wanted, context) === "") {
      results[id] = { result: "skipped", outputs: {}, output: "", summary: "" };
      continue;
    }
    if (job.container !== undefined) await findImage(fill(job.container.image, context));
    const place = join(directory, id);
    const checkout = join(place, "checkout");
    await mkdir(place, { recursive: true });
    await run(["git", "clone", "--quiet", repository, checkout]);
    const files = {
      GITHUB_OUTPUT: join(place, "output"),
      GITHUB_PATH: join(place, "path"),
      GITHUB_STEP_SUMMARY: join(place, "summary"),
    };
    for (const file of Object.values(files)) await Bun.write(file, "");
    const steps: Record<string, { outputs: Record<string, string> }> = {};
    let output = "";
    let result: JobResult["result"] = "success";
    for (const step of job.steps) {
      if (step.run === undefined) continue;
      const all = { ...workflow.env, ...job.env, ...step.env };
      const own = Object.entries(all).map(([name, value]) => [
        name,
        fill(value, { ...context, steps }),
      ]);
      const added = (await Bun.file(files.GITHUB_PATH).text()).trim().replaceAll("\n", ":");
      const done = await runScript(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"],
        fill(step.run, { ...context, steps }),
        {
          cwd: checkout,
          env: {
            ...env,
            PATH: `${added}:${env["PATH"] ?? ""}`,
            GITHUB_ACTIONS: "true",
            GITHUB_REPOSITORY: String(github["repository"]),
            GITHUB_SHA: String(github["sha"]),
            RUNNER_TEMP: place,
            ...files,
            ...(Object.fromEntries(own) as Record<string, string>),
          },
        },
      );
      output += done.output;
      if (step.id !== undefined) {
        steps[step.id] = { outputs: readOutputs(await Bun.file(files.GITHUB_OUTPUT).text()) };
      }
      if (done.code === 0) continue;
      result = "failure";
      break;
    }
    const outputs = Object.entries(job.outputs ?? {}).map(([name, value]) => [
      name,
      fill(value, { ...context, steps }),
    ]);
    results[id] = {
      result,
      outputs: Object.fromEntries(outputs) as Record<string, string>,
      output,
      summary: await Bun.file(files.GITHUB_STEP_SUMMARY).text(),
    };
  }
  return results;
}

function readOutputs(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

type Context = {
  readonly github: unknown;
  readonly secrets: unknown;
  readonly needs: Readonly<Record<string, JobResult | undefined>>;
  readonly failed: boolean;
  readonly steps?: unknown;
};

function inner(text: string): string {
  return text.replace(/^\$\{\{ (.*) \}\}$/, "$1");
}

function fill(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_, expression: string) =>
    evaluate(expression, context),
  );
}

/** What an expression gives as a text; "" for all that is false. The language is JavaScript's, but for these two. */
function evaluate(expression: string, context: Context): string {
  const script = expression
    .replaceAll("needs.*.result", "results")
    .replaceAll(/(?<=[\w)])\.(?=[A-Za-z_])/g, "?.")
    .replaceAll(/outputs\?\.([\w-]+)/g, "outputs?.['$1']");
  const names = {
    ...context,
    results: Object.values(context.needs).map((one) => one?.result),
    fromJSON: (text: string): unknown => JSON.parse(text),
    join: (list: readonly string[], by: string): string => list.join(by),
    always: (): boolean => true,
    cancelled: (): boolean => false,
    failure: (): boolean => context.failed,
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- expressions of hive's own templates
  const make = new Function(...Object.keys(names), `return (${script});`) as (
    ...values: unknown[]
  ) => unknown;
  const value = make(...Object.values(names)) as string | number | boolean | null | undefined;
  return value === undefined || value === null || value === false ? "" : String(value);
}
