import { mkdtempDisposable, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { affectedTargets, type AffectedTarget } from "../../inputs/affected-targets.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { createPlan } from "../../plan/create-plan.ts";
import type { App } from "../app.ts";
import { listOf } from "../arguments.ts";
import { defineCommand } from "../define-command.ts";
import { openProject, printWarnings } from "../project/open-project.ts";
import { planBefore } from "../project/plan-before.ts";
import { hostPlatform, selectionFlags } from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { printTargets } from "../print-targets.ts";
import { readPlatform } from "../read-platform.ts";
import { type MatrixFormat, matrixFormats, renderMatrix } from "../render-matrix.ts";
import { describeChange, withoutPlatform } from "../render-status.ts";

export const affectedCommand = defineCommand({
  args: {
    ...selectionFlags,
    since: {
      type: "string",
      valueHint: "commit",
      description: "Compare with where the branch left this commit, as origin/main",
    },
    matrix: {
      type: "enum",
      options: [...matrixFormats],
      valueHint: "system",
      description: "Print the images as a job matrix, for github or gitlab",
    },
    json: { type: "boolean", description: "Print it as JSON" },
    "exit-code": { type: "boolean", description: "Exit with 3 when there is any" },
  },
  async run(app, args) {
    const { since } = args;
    if (since === undefined || since === "") {
      throw new HiveError("usage", "--since is missing", {
        hint: "Name what to compare with: hive affected --since origin/main",
      });
    }
    const project = await openProject(app, args);
    const native = hostPlatform();
    const platforms = listOf(args.platform).map((text) => readPlatform(text));
    const options = { nativePlatform: native, platforms };
    const plan = createPlan(project, { ...options, select: args._ });
    printWarnings(app, plan.warnings);

    const parent = await realpath(tmpdir());
    await using old = await mkdtempDisposable(join(parent, "hive-affected-"));
    const { path: directory } = old;
    const before = await planBefore(app, project, { since, directory, options });
    if (before.reason !== undefined) {
      app.log.warn(`Everything is new: the project as it was can't be planned. ${before.reason}`);
    }
    const all = await affectedTargets(before.plan, plan, { native });
    const affected = all.filter(({ target }) => target.requested);
    const there = new Set(plan.targets.map(({ id }) => id));
    // Of a selection nobody can tell what it would have been.
    const gone = args._.length > 0 ? [] : (before.plan?.targets ?? []);
    const removed = gone.flatMap(({ id }) => (there.has(id) ? [] : [id]));
    const { commit } = before;
    print(app, { since, commit, affected, removed }, { json: args.json, matrix: args.matrix });
    return args["exit-code"] === true && affected.length > 0 ? 3 : 0;
  },
});

type Result = {
  readonly since: string;
  readonly commit: string;
  readonly affected: readonly AffectedTarget[];
  readonly removed: readonly string[];
};

function print(
  app: App,
  { affected, ...rest }: Result,
  {
    json,
    matrix,
  }: { readonly json: boolean | undefined; readonly matrix: MatrixFormat | undefined },
): void {
  const { stdout, log } = app;
  const targets = affected.map(({ target }) => target);
  if (matrix !== undefined) return stdout.write(`${renderMatrix(matrix, targets)}\n`);
  if (json === true) {
    const shown = affected.map(({ target, ...why }) => ({
      target: target.id,
      reference: target.reference,
      platform: formatPlatform(target.platform),
      ...why,
    }));
    return printJson(stdout, { ...rest, affected: shown });
  }
  printTargets(
    app,
    affected.map(({ target, kind, changes, because }) => ({
      target,
      shown: [
        kind,
        ...changes.flatMap((change) => describeChange(change, target.platform)),
        ...because.map((id) => `builds on ${withoutPlatform(id, target.platform)}`),
      ],
    })),
  );
  const { paint } = stdout.look;
  for (const id of rest.removed) stdout.write(`${paint.bold(id)}: removed\n`);
  if (affected.length === 0) log.info(`No image is affected since ${rest.commit.slice(0, 12)}`);
}
