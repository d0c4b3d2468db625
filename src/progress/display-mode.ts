import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { detectCi } from "./terminal.ts";

/** What `--progress` may be. */
export const displayModes = ["auto", "tty", "plain", "rawjson", "quiet", "none"] as const;

export type DisplayMode = (typeof displayModes)[number];

// Below this a row has no room for a name and a step.
const narrowestTty = 40;

/**
 * The mode that was asked for: the flag, `HIVE_PROGRESS`, `BUILDKIT_PROGRESS`, else "auto". A value of
 * `BUILDKIT_PROGRESS` that only other tools know is passed over.
 * @throws HiveError when the flag or `HIVE_PROGRESS` is no mode.
 */
export function requestedMode(flag: string | undefined, env: Environment): DisplayMode {
  const own = flag ?? (env["HIVE_PROGRESS"] || undefined);
  if (own === undefined) {
    const foreign = env["BUILDKIT_PROGRESS"] ?? "";
    return isDisplayMode(foreign) ? foreign : "auto";
  }
  if (isDisplayMode(own)) return own;
  throw new HiveError("usage", `Cannot show progress as "${own}": unknown display`, {
    hint: `Use one of ${displayModes.join(", ")} for --progress or HIVE_PROGRESS.`,
  });
}

/**
 * Replaces "auto" by what fits the stream: "tty" for a terminal wide enough outside of CI, else "plain".
 * @throws HiveError when "tty" was asked for and the stream is no terminal.
 */
export function resolveMode(
  mode: DisplayMode,
  stream: { readonly isTTY: boolean; readonly columns: number },
  env: Environment,
): Exclude<DisplayMode, "auto"> {
  if (mode === "tty" && !stream.isTTY) {
    throw new HiveError("usage", 'Cannot show progress as "tty": standard error is no terminal', {
      hint: "Use --progress=plain, or leave the flag out to get what fits.",
    });
  }
  if (mode !== "auto") return mode;
  const live =
    stream.isTTY &&
    stream.columns >= narrowestTty &&
    env["TERM"] !== "dumb" &&
    detectCi(env) === undefined;
  return live ? "tty" : "plain";
}

function isDisplayMode(text: string): text is DisplayMode {
  return (displayModes as readonly string[]).includes(text);
}
