import { relative } from "node:path";
import type { Diagnostic } from "../../base/diagnostic.ts";
import { readIgnore } from "../../context/read-ignore.ts";
import { targetContext } from "../../context/target-context.ts";
import { UnsendableFile } from "../../context/unsendable-file.ts";
import { walkContext } from "../../inputs/walk-context.ts";
import type { Target } from "../../plan/plan.ts";

/**
 * The first file of each target's context that no build can be sent, contents unread. What is ignored does no harm; ignore
 * patterns that can't be read are BuildKit's to tell.
 */
export async function checkContexts(
  root: string,
  targets: readonly Target[],
): Promise<Diagnostic[]> {
  const findings = new Map<string, Diagnostic>();
  const contexts = new Map(targets.map(({ context }) => [JSON.stringify(context), context]));
  for (const context of contexts.values()) {
    try {
      await walkContext(targetContext(context), readIgnore(context.dockerfile));
    } catch (error) {
      if (error instanceof SyntaxError) continue;
      if (!(error instanceof UnsendableFile)) throw error;
      const file = relative(root, error.path);
      findings.set(file, {
        code: "HV1025",
        severity: "error",
        message: `Cannot send "${file}" to a build: ${error.reason}`,
        place: { file, line: 1, column: 1 },
        help: error.hint,
      });
    }
  }
  return [...findings.values()];
}
