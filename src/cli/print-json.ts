import { indentedJson } from "../base/json-line.ts";
import type { Stream } from "./app.ts";

/** Prints a command's result for `--json`. */
export function printJson(stdout: Stream, value: unknown): void {
  stdout.write(indentedJson(value));
}
