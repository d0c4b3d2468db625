import { printable, printableLines } from "../../base/printable.ts";
import { padText } from "../../base/text-width.ts";
import { probes } from "../../doctor/probes.ts";
import { type CheckResult, runProbes } from "../../doctor/run-probes.ts";
import type { App } from "../app.ts";
import { defineCommand } from "../define-command.ts";
import { buildkitFlag } from "../buildkit/find-buildkit.ts";
import { openDoctor } from "../open-doctor.ts";
import { printJson } from "../print-json.ts";

export const doctorCommand = defineCommand({
  args: {
    ...buildkitFlag,
    json: { type: "boolean", description: "Print what was found as JSON" },
  },
  async run(app, args) {
    await using doctor = openDoctor(app, args);
    const results: CheckResult[] = [];
    let skipped: CheckResult[] = [];
    const tellSkipped = (): void => {
      if (skipped.length > 0) app.stdout.write(render(app, merged(skipped)));
      skipped = [];
    };
    // All run at once; each is told as soon as those before it are.
    const running = runProbes(probes, doctor.world, app.signal);
    const all = Promise.all(running);
    all.catch(() => {});
    for (const findings of running) {
      for (const finding of await findings) {
        results.push(finding);
        if (args.json === true) continue;
        if (finding.detail !== skipped[0]?.detail) tellSkipped();
        if (finding.status === "skipped") skipped.push(finding);
        else app.stdout.write(render(app, finding));
      }
    }
    tellSkipped();
    const failed = results.filter(({ status }) => status === "fail");
    if (args.json === true) {
      const result = { ok: failed.length === 0, checks: results };
      printJson(app.stdout, result);
    } else {
      app.stdout.write(`\n${conclusion(app, results)}\n`);
    }
    if (failed.some(({ name }) => name === "buildkit")) return 4;
    return failed.length === 0 ? 0 : 1;
  },
});

const nameWidth = 18;

/** Several in a row that one and the same thing hides are one line. */
function merged(skipped: readonly CheckResult[]): CheckResult {
  const names = skipped.map(({ name }) => name).join(", ");
  const detail = skipped[0]?.detail ?? "";
  const [name, hidden] = skipped.length > 1 ? [detail, names] : [names, detail];
  return { name, status: "skipped", detail: hidden };
}

/** What the list comes to, for who sees its end first. */
function conclusion({ stdout }: App, results: readonly CheckResult[]): string {
  const { paint, glyphs } = stdout.look;
  const namesOf = (status: CheckResult["status"]): string[] =>
    results.flatMap((result) => (result.status === status ? [printable(result.name)] : []));
  const [failed, warned] = [namesOf("fail"), namesOf("warn")];
  const parts = [
    ...(failed.length === 0
      ? ["nothing failed"]
      : [`${failed.length} failed: ${failed.join(", ")}`]),
    ...(warned.length === 0 ? [] : [`${warned.length} to look at: ${warned.join(", ")}`]),
  ];
  const sign = failed.length === 0 ? paint.green(glyphs.done) : paint.red(glyphs.failed);
  return `${sign} ${parts.join("; ")}`;
}

/** One line with a sign, and what to do about it below. */
function render({ stdout }: App, { name, status, detail, fix }: CheckResult): string {
  const { paint, glyphs } = stdout.look;
  const signs = {
    ok: paint.green(glyphs.done),
    warn: paint.yellow("!"),
    fail: paint.red(glyphs.failed),
    skipped: paint.dim(glyphs.skipped),
  };
  const [first = "", ...more] = printableLines(detail);
  const shown = status === "skipped" ? paint.dim(first) : first;
  const lines = [
    `${signs[status]} ${padText(paint.bold(printable(name)), nameWidth)}  ${shown}`,
    ...more.map((line) => `    ${line}`),
    ...(fix === undefined || fix === "" ? [] : printableLines(fix)).map(
      (line, index) => `    ${index === 0 ? paint.cyan("fix:") : "    "} ${line}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
