import { HiveError } from "../base/hive-error.ts";
import type { App } from "./app.ts";
import { renderFrames } from "./diagnostics/render-frames.ts";
import { describeInternalError } from "./internal-error.ts";

/** Prints what ended a command, for people; a bug of ours gets its stack only when asked for. */
export function printError(error: unknown, { stderr, env }: Pick<App, "stderr" | "env">): void {
  const { paint } = stderr.look;
  if (error instanceof HiveError) {
    stderr.write(renderFrames(error.diagnostics, paint));
    stderr.write(`${paint.red("error:")} ${error.message}\n`);
    if (error.hint !== undefined) stderr.write(`${paint.dim("hint:")} ${indent(error.hint)}\n`);
    return;
  }
  const { message, hint } = describeInternalError(error, env);
  stderr.write(`${paint.red("internal error:")} ${message}\n`);
  if (hint !== undefined) stderr.write(`${paint.dim("hint:")} ${hint}\n`);
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n      ");
}
