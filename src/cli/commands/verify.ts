import type { Diagnostic } from "../../base/diagnostic.ts";
import { exitCodeOf, HiveError } from "../../base/hive-error.ts";
import { handoverModes } from "../../build/handover/create-handovers.ts";
import type { RebuiltTarget } from "../../build/rebuild.ts";
import type { ImageDifference } from "../../oci/compare/compare-images.ts";
import type { Target } from "../../plan/plan.ts";
import { displayModes, requestedMode, resolveMode } from "../../progress/display-mode.ts";
import type { App } from "../app.ts";
import { numberOf } from "../arguments.ts";
import { checkProject, type ProjectCheck } from "../project/check-project.ts";
import { defineCommand } from "../define-command.ts";
import { diagnosticFormats, renderDiagnostics } from "../diagnostics/render-diagnostics.ts";
import { selectionFlags } from "../project/plan-project.ts";
import { printJson } from "../print-json.ts";
import { rebuildProject } from "../rebuild-project.ts";
import { renderDifference } from "../render-difference.ts";

export const verifyCommand = defineCommand({
  args: {
    ...selectionFlags,
    format: {
      type: "enum",
      options: [...diagnosticFormats],
      default: "text",
      valueHint: "format",
      description: "How findings are told: text, json, github, gitlab-codequality or sarif",
    },
    json: { type: "boolean", description: "Print the result as JSON" },
    rebuild: {
      type: "boolean",
      description: "Build everything a second time, and show the first difference of each image",
    },
    buildkit: {
      type: "string",
      valueHint: "address",
      description: "With --rebuild: the BuildKit to build on, as for hive build",
    },
    handover: {
      type: "enum",
      options: [...handoverModes],
      default: "auto",
      valueHint: "way",
      description: "With --rebuild: how images go from build to build, as for hive build",
    },
    jobs: {
      type: "string",
      alias: "j",
      default: "8",
      valueHint: "number",
      description: "With --rebuild: how many images are built at a time",
    },
    progress: {
      type: "enum",
      options: [...displayModes],
      valueHint: "mode",
      description: "With --rebuild: auto, tty, plain, rawjson, quiet or none",
    },
  },
  async run(app, args) {
    const json = args.json === true;
    if (args.rebuild === true) {
      if (args.format !== "text") {
        throw new HiveError("usage", "--format is about findings: --rebuild has none", {
          hint: "Use --json.",
        });
      }
      const jobs = numberOf("jobs", args.jobs, 1);
      const mode = resolveMode(requestedMode(args.progress, app.env), app.stderr, app.env);
      const rebuilt = await rebuildProject(app, args, { jobs, mode });
      printRebuilt(app, rebuilt, json);
      return rebuilt.every(isSame) ? 0 : exitCodeOf("failed");
    }
    const check = await checkProject(app, args);
    const { findings } = check;
    const format = json ? "json" : args.format;
    if (format === "text") {
      app.stderr.write(renderDiagnostics(format, findings, app.stderr.look.paint));
      app.stdout.write(`${summaryOf(check)}\n`);
    } else app.stdout.write(renderDiagnostics(format, findings));
    return findings.some(isError) ? exitCodeOf("usage") : 0;
  },
});

const isError = ({ severity }: Diagnostic): boolean => severity === "error";

/** `12 images, 36 targets: no problems`. */
function summaryOf({ findings, plan }: ProjectCheck): string {
  const errors = findings.filter(isError).length;
  const counts = [counted(errors, "error"), counted(findings.length - errors, "warning")];
  const problems = counts.filter((text) => !text.startsWith("0 ")).join(", ") || "no problems";
  if (plan === undefined) return problems;
  const targets = plan.targets.filter(({ requested }) => requested);
  const images = new Set(targets.map(({ name }) => name)).size;
  return `${counted(images, "image")}, ${counted(targets.length, "target")}: ${problems}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function isSame({ first, second }: RebuiltTarget): boolean {
  return first === second;
}

/** The exporter cuts off later times only, so a step that BuildKit had before the commit keeps its earlier ones. */
function isOldTime({ epoch }: Target, difference: ImageDifference): boolean {
  if (difference.where !== "layer" || difference.entry?.what !== "mtime") return false;
  const { first, second } = difference.entry;
  return Number(second) === epoch && Number(first) < epoch;
}

function printRebuilt({ stdout }: App, rebuilt: readonly RebuiltTarget[], json: boolean): void {
  if (json) {
    const result = rebuilt.map(({ target: { id }, ...rest }) => ({ target: id, ...rest }));
    return printJson(stdout, result);
  }
  const { paint } = stdout.look;
  for (const { target, first, second, difference, sameButTimes } of rebuilt) {
    const status =
      second === undefined
        ? paint.red("failed")
        : first === second
          ? paint.green("same")
          : sameButTimes === true
            ? paint.yellow("same but for times")
            : paint.red("differs");
    stdout.write(`${target.id} ${status}\n`);
    if (difference !== undefined) {
      stdout.write(`${renderDifference(difference).replaceAll(/^/gm, "  ")}\n`);
      if (isOldTime(target, difference)) {
        stdout.write(
          `  The first is from BuildKit's cache of before the last commit: hive build --no-cache ${target.reference} makes it anew\n`,
        );
      }
    }
  }
  if (rebuilt.some(({ sameButTimes }) => sameButTimes === true)) {
    stdout.write(`${timesOfEngine}\n`);
  }
}

const timesOfEngine =
  "This Docker Engine's old image store can't set the times of files that steps make: its containerd image store can, and so can a BuildKit of its own";
