import { renderDiagnostic } from "../../src/base/render-diagnostic.ts";
import { HiveError } from "../../src/base/hive-error.ts";

/** The HiveError that `run` fails with, as a user sees it: message, frames, hint; `root` is replaced by ROOT. */
export async function thrownText(run: () => unknown, root: string): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const frames = error.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic));
    const parts = [
      `${error.kind}: ${error.message}`,
      ...frames,
      ...(error.hint ? [error.hint] : []),
    ];
    return parts.join("\n\n").replaceAll(root, "ROOT");
  }
  throw new Error("Nothing was thrown");
}
