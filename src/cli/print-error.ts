import { HiveError } from "../base/hive-error.ts";
import { printableLines } from "../base/printable.ts";
import type { App } from "./app.ts";
import { renderFrames } from "./diagnostics/render-frames.ts";
import { describeInternalError } from "./internal-error.ts";

/** Prints what ended a command, for people; a bug of ours gets its stack only when asked for. */
export function printError(error: unknown, { stderr, env }: Pick<App, "stderr" | "env">): void {
  const { paint } = stderr.look;
  if (error instanceof HiveError) {
    stderr.write(renderFrames(error.diagnostics, paint));
    stderr.write(`${paint.red("error:")} ${shown(error.message)}\n`);
    if (error.hint !== undefined) stderr.write(`${paint.dim("hint:")} ${indent(error.hint)}\n`);
    return;
  }
  const { message, hint } = describeInternalError(error, env);
  stderr.write(`${paint.red("internal error:")} ${shown(message)}\n`);
  if (hint !== undefined) stderr.write(`${paint.dim("hint:")} ${hint}\n`);
}

function indent(text: string): string {
  return printableLines(text).join("\n      ");
}

/** Daemons, engines and addresses of a project have their words in it. */
function shown(text: string): string {
  return printableLines(text).join("\n");
}
