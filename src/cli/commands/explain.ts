import { printable } from "../../base/printable.ts";
import type { InputChange } from "../../inputs/compare-inputs.ts";
import type { TargetStatus } from "../../inputs/target-status.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { planProject, selectionFlags } from "../plan-project.ts";
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
      const targets = [...shown].map(([id, status]) => ({ id, ...status }));
      app.stdout.write(`${JSON.stringify(targets, undefined, 2)}\n`);
    } else for (const { id } of requested) print(app, id, statuses);
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

function print({ stdout }: App, id: string, statuses: Statuses): void {
  const { paint } = stdout.look;
  const seen = new Set<string>();
  const write = (depth: number, text: string): void => {
    stdout.write(`${"  ".repeat(depth)}${text}\n`);
  };
  const printChanges = (target: string, depth: number): void => {
    const status = statuses.get(target);
    if (status === undefined) return;
    if (seen.has(target)) return write(depth, "as above");
    seen.add(target);
    for (const reason of status.reasons) write(depth, printable(reason));
    for (const change of status.changes) {
      for (const line of describeChange(change)) write(depth, line);
      for (const parent of parentsIn([change])) printChanges(parent, depth + 1);
    }
  };
  const status = statuses.get(id);
  const since = status?.built === undefined ? "" : ` since ${new Date(status.built).toISOString()}`;
  write(0, `${paint.bold(id)}: ${headlineOf(status)}${since}`);
  printChanges(id, 1);
}

function headlineOf(status: TargetStatus | undefined): string {
  if (status?.status === "new") return "not built yet";
  return status?.status === "unknown" ? "BuildKit decides" : (status?.status ?? "");
}

/** Parents that must be built first: theirs are the reasons then. */
function parentsIn(changes: readonly InputChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === "parent" && change.to === undefined ? [change.name] : [],
  );
}
