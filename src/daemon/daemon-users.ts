import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { currentOwner, isOwnerAlive, parseOwner } from "../oci/run-owner.ts";
import type { DaemonPaths } from "./daemon-paths.ts";

/** Milliseconds for which a build in another container or host counts: it can't be asked for. */
const foreignLifetime = 3600 * 1000;

/** Says that this process builds on the daemon. */
export function addDaemonUser({ users }: DaemonPaths): void {
  writeFileSync(join(users, currentOwner()), "", { mode: 0o600 });
}

/** Says that it does no more. */
export function removeDaemonUser({ users }: DaemonPaths): void {
  rmSync(join(users, currentOwner()), { force: true });
}

/** How many processes build on it; those that were killed are forgotten. */
export function countDaemonUsers({ users }: DaemonPaths): number {
  let count = 0;
  for (const name of readdirSync(users)) {
    const path = join(users, name);
    const owner = parseOwner(name);
    if (owner !== undefined && isOwnerAlive(owner, path, foreignLifetime)) count++;
    else rmSync(path, { force: true });
  }
  return count;
}
