import { join } from "node:path";
import { printable } from "../../base/printable.ts";
import { renderTable } from "../../base/render-table.ts";
import { storageError } from "../../base/storage-error.ts";
import { renderLock } from "../../lock/render-lock.ts";
import { resolveBase } from "../../lock/resolve-base.ts";
import { comparePins, type PinChange, resolveAll } from "../../lock/update-pins.ts";
import { writeFileAtomically } from "../../oci/atomic-file.ts";
import type { Digest } from "../../oci/digest.ts";
import { lockFileName } from "../../project/read-lock.ts";
import type { App } from "../app.ts";
import { baseRegistries } from "../base-registries.ts";
import { defineCommand } from "../define-command.ts";
import { openProject } from "../project/open-project.ts";
import { selectionFlags } from "../project/plan-project.ts";
import { plannedExternals } from "../project/planned-externals.ts";
import { printJson } from "../print-json.ts";

export const lockCommand = defineCommand({
  args: {
    patterns: selectionFlags.patterns,
    upgrade: {
      type: "boolean",
      description: "Ask registries also for what is pinned already",
    },
    check: {
      type: "boolean",
      description: "Write nothing; exit with 3 when hive.lock is not up to date",
    },
    json: { type: "boolean", description: "Print what changed as JSON" },
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const open = baseRegistries(app);
    const all = await plannedExternals(app, project, []);
    const selected = new Set(
      args._.length === 0 ? all : await plannedExternals(app, project, args._),
    );
    const before = project.pins ?? new Map<string, Digest>();
    const asked = all.filter(
      (reference) => selected.has(reference) && (args.upgrade === true || !before.has(reference)),
    );
    // What is missing need not be known to know that it is missing.
    const isCheckAlone = args.check === true && args.upgrade !== true;
    const resolved = isCheckAlone
      ? new Map<string, Digest>()
      : await resolveAll(asked, async (reference) => resolveBase(reference, open));
    const after = new Map<string, Digest>();
    for (const reference of all) {
      const digest = resolved.get(reference) ?? before.get(reference);
      if (digest !== undefined) after.set(reference, digest);
    }
    const missing = isCheckAlone ? asked : [];
    const changes = comparePins(before, after);
    const isCurrent = changes.length === 0 && missing.length === 0;
    if (args.check !== true && (!isCurrent || project.pins === undefined)) {
      await writeFileAtomically(join(project.root, lockFileName), renderLock(after)).catch(
        (error: unknown) => {
          throw storageError(error, project.root);
        },
      );
    }
    if (args.json === true) {
      const pins = Object.fromEntries(after);
      printJson(app.stdout, { changes, missing, pins });
    } else printChanges(app, changes, missing);
    return args.check === true && !isCurrent ? 3 : 0;
  },
});

function printChanges(
  { stdout }: App,
  changes: readonly PinChange[],
  missing: readonly string[],
): void {
  const rows = changes.map(({ reference, from, to }) => [
    to === undefined ? "removed" : from === undefined ? "pinned" : "moved",
    printable(reference),
    from === undefined || to === undefined ? (to ?? "") : `${from} -> ${to}`,
  ]);
  for (const reference of missing) rows.push(["missing", reference, ""]);
  const lines = rows.length === 0 ? [`${lockFileName} is up to date`] : renderTable(rows);
  stdout.write(`${lines.join("\n")}\n`);
}
