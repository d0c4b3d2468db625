import { dirname } from "node:path";
import { shellWord } from "../base/shell-word.ts";
import type { TrustPlan, TrustStep } from "./trust-plan.ts";

/** A plan as lines of a shell, for the user who runs them. */
export function renderTrust(
  { steps, asRoot }: TrustPlan,
  authorityFile: string,
  uid: number,
): string {
  const prefix = asRoot && uid !== 0 ? "sudo " : "";
  return steps
    .flatMap((step) => shellLines(step, authorityFile))
    .map((line) => `${prefix}${line}\n`)
    .join("");
}

function shellLines(step: TrustStep, authorityFile: string): string[] {
  if (step.kind === "run") return [step.command.map(shellWord).join(" ")];
  const file = shellWord(step.file);
  const directory = shellWord(dirname(step.file));
  if (step.kind === "write") {
    return [`mkdir -p ${directory}`, `install -m 0644 ${shellWord(authorityFile)} ${file}`];
  }
  const emptied = step.directory === "remove" ? [`rmdir ${directory} 2>/dev/null || true`] : [];
  return [`rm -f ${file}`, ...emptied];
}
