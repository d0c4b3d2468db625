import { printable } from "../../base/printable.ts";
import type { InputChange } from "../../inputs/compare-inputs.ts";
import type { TargetStatus } from "../../inputs/target-status.ts";
import type { Target } from "../../plan/plan.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { groupPlatforms } from "../group-platforms.ts";
import { planProject, selectionFlags } from "../plan-project.ts";
import { printJson } from "../print-json.ts";
import { projectStatuses } from "../project-statuses.ts";
import { quickBases } from "../quick-bases.ts";
import { describeChange } from "../render-status.ts";

export const explainCommand = defineCommand({
  args: {
    ...selectionFlags,
    json: { type: "boolean", description: "Print it as JSON" },
    "exit-code": {
      type: "boolean",
      description: "Exit with 3 when something would be built",
    },
  },
  async run(app, args) {
    const plan = await planProject(app, args);
    const statuses = await projectStatuses(plan, quickBases(app));
    const requested = plan.targets.filter((target) => target.requested);
    if (args.json === true) {
      const shown = new Map<string, TargetStatus>();
      for (const { id } of requested) collect(id, statuses, shown);
      const targets = [...shown].map(([id, { status, key, built, changes, reasons }]) => ({
        id,
        status,
        key,
        built,
        changes,
        reasons,
      }));
      printJson(app.stdout, targets);
    } else print(app, requested, { statuses, all: args._.length === 0 });
    const isDone = requested.every(({ id }) => statuses.get(id)?.status === "unchanged");
    return args["exit-code"] === true && !isDone ? 3 : 0;
  },
});

type Statuses = ReadonlyMap<string, TargetStatus>;

/** A target, and what it builds on that changed. */
function collect(id: string, statuses: Statuses, shown: Map<string, TargetStatus>): void {
  const status = statuses.get(id);
  if (status === undefined || shown.has(id)) return;
  shown.set(id, status);
  for (const parent of parentsIn(status.changes)) collect(parent, statuses, shown);
}

/**
 * What there is to say of each, once for all platforms of which it is the same. What is unchanged is counted, unless it
 * was asked for by name.
 */
function print(
  { stdout }: App,
  targets: readonly Target[],
  { statuses, all }: { readonly statuses: Statuses; readonly all: boolean },
): void {
  const { paint } = stdout.look;
  const isUnchanged = ({ id }: Target): boolean => statuses.get(id)?.status === "unchanged";
  const told = all ? targets.filter((target) => !isUnchanged(target)) : targets;
  const groups = groupPlatforms(
    told.map((target) => ({
      target,
      shown: [headlineOf(statuses.get(target.id)), ...linesOf(target, statuses)],
    })),
  );
  for (const { reference, platforms, shown } of groups) {
    const [headline = "", ...lines] = shown;
    stdout.write(`${paint.bold(`${reference} ${platforms}`)}: ${headline}\n`);
    for (const line of lines) stdout.write(`  ${line}\n`);
  }
  const left = targets.length - told.length;
  if (left > 0) stdout.write(`${left} of ${targets.length} unchanged\n`);
}

function linesOf({ id, platform }: Target, statuses: Statuses): string[] {
  const seen = new Set<string>();
  const linesBelow = (target: string): string[] => {
    const status = statuses.get(target);
    if (status === undefined) return [];
    if (seen.has(target)) return ["as above"];
    seen.add(target);
    const changes = status.changes.flatMap((change) => [
      ...describeChange(change, platform),
      ...parentsIn([change]).flatMap((parent) => linesBelow(parent).map((line) => `  ${line}`)),
    ]);
    return [...status.reasons.map(printable), ...changes];
  };
  const lines = linesBelow(id);
  return statuses.get(id)?.status === "new" ? lines.slice(1) : lines;
}

function headlineOf(status: TargetStatus | undefined): string {
  if (status === undefined) return "";
  if (status.status === "new") return status.reasons[0] ?? "";
  const what = status.status === "unknown" ? "BuildKit decides" : status.status;
  if (status.built === undefined) return what;
  return `${what} since ${new Date(status.built).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Parents that must be built first: theirs are the reasons then. */
function parentsIn(changes: readonly InputChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === "parent" && change.to === undefined ? [change.name] : [],
  );
}
