import { HiveError } from "../../base/hive-error.ts";
import type { App } from "../app.ts";

const bound = new WeakMap<App, Map<string, string>>();

/**
 * Sees to it that what one flag gives goes to one registry only, however many a command works on.
 * @returns whether the flag is used for the first time
 * @throws HiveError "usage" when it is another registry's already
 */
export function bindToRegistry(app: App, flag: string, host: string): boolean {
  const hosts = bound.get(app) ?? new Map<string, string>();
  bound.set(app, hosts);
  const before = hosts.get(flag);
  hosts.set(flag, before ?? host);
  if (before === undefined || before === host) return before === undefined;
  const bare = flag.replace(/^--(?:src-|dest-)?/, "");
  const isSided = bare !== flag.slice(2);
  throw new HiveError(
    "usage",
    `Cannot use ${flag} for ${before} and for ${host}: it is for one registry`,
    {
      hint: isSided
        ? "Use what says for which registry it is: what a login stored, or a file with --authfile."
        : `Where there are two registries say for which it is, --src-${bare} or --dest-${bare}; else use what a login stored, or a file with --authfile.`,
    },
  );
}
