import { existsSync } from "node:fs";
import { followFile, readTail } from "../base/follow-file.ts";
import { HiveError } from "../base/hive-error.ts";
import type { App } from "./app.ts";

/** The flags of commands that print a log. */
export const logFlags = {
  follow: { type: "boolean", alias: "f", description: "Go on as more is written, until Ctrl-C" },
  tail: {
    type: "string",
    alias: "n",
    default: "100",
    valueHint: "number",
    description: "How many lines from the end",
  },
} as const;

/** Milliseconds for what runs to end after a signal: following a log leaves nothing behind. */
export const followGrace = 1000;

type LogOptions = {
  /** How many lines from the end. */
  readonly lines: number;
  readonly follow: boolean;
  /** Where logs come from, for who has none. */
  readonly hint: string;
};

/** Prints the end of a file, and what is written to it from then on. @throws HiveError "failed" where it is not there */
export async function printLog(
  { stdout, signal, endBySignal }: App,
  path: string,
  { lines, follow, hint }: LogOptions,
): Promise<void> {
  if (!existsSync(path)) throw new HiveError("failed", `There is no log "${path}"`, { hint });
  const { text, end } = await readTail(path, lines);
  stdout.write(text);
  if (!follow) return;
  endBySignal(followGrace);
  for await (const more of followFile(path, end, signal)) stdout.write(more);
}
