import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import { isOwn } from "./daemon-paths.ts";
import {
  isForeignOwner,
  isOwnerAlive,
  ownerOf,
  ownerPid,
  type RunOwner,
} from "../oci/run-owner.ts";

const interval = 50;
/** Milliseconds that the kernel may take to end what was killed. */
const killLimit = 10_000;

/**
 * Ends a daemon with everything below it, and waits until it is gone: first as it likes to, after `grace` milliseconds
 * by SIGKILL, which the kernel passes on to all in its namespaces.
 * @param owner what hive started: unshare or rootlesskit, with the daemon below
 * @throws HiveError "failed" when it may not be ended by this user, or does not end
 */
export async function endDaemonProcess(
  { owner, rootless }: { readonly owner: RunOwner; readonly rootless: boolean },
  path: string,
  grace: number,
): Promise<void> {
  if (isForeignOwner(owner)) {
    throw new HiveError("failed", "BuildKit runs in another container or host", {
      hint: "Stop it there: its process can't be reached from here.",
    });
  }
  const all = [owner, ...descendants(owner)];
  const alive = (): boolean => all.some((one) => isOwnerAlive(one, path));
  // unshare keeps SIGTERM for itself; rootlesskit passes it on.
  const [, first = owner] = all;
  send(rootless ? owner : first, "SIGTERM", path);
  if (await endsBy(alive, grace)) return;
  for (const one of all) send(one, "SIGKILL", path);
  if (await endsBy(alive, killLimit)) return;
  throw new HiveError("failed", `BuildKit (process ${ownerPid(owner)}) can't be ended`, {
    hint: "The kernel waits for something, as a disk or a network file system: see its log.",
  });
}

/**
 * Daemons that run with the configuration at `config` and were not written down: whoever started them was killed in
 * that very moment. They are ended.
 */
export async function endStrays(config: string): Promise<void> {
  const strays = findStrays(config);
  for (const stray of strays) send(stray, "SIGKILL", config);
  await endsBy(() => strays.some((one) => isOwnerAlive(one, config)), killLimit);
}

function findStrays(config: string): RunOwner[] {
  return processes().flatMap((pid) => {
    const command = readText(`/proc/${pid}/cmdline`).split("\0");
    const at = command.indexOf("--config");
    const daemon = at > 0 ? basename(command[at - 1] ?? "") : "";
    // Anybody can start something that looks so.
    const isStray = daemon === "buildkitd" && command[at + 1] === config && isOwn(`/proc/${pid}`);
    return isStray ? [ownerOf(pid)] : [];
  });
}

/** What runs below a process, the nearest first. Where there is no /proc, nothing. */
function descendants(owner: RunOwner): RunOwner[] {
  const below = new Map<number, number[]>();
  for (const pid of processes()) {
    const stat = readText(`/proc/${pid}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    below.set(parent, [...(below.get(parent) ?? []), pid]);
  }
  const found = [ownerPid(owner)];
  for (const pid of found) found.push(...(below.get(pid) ?? []));
  return found.slice(1).map(ownerOf);
}

async function endsBy(alive: () => boolean, limit: number): Promise<boolean> {
  const end = performance.now() + limit;
  while (alive()) {
    if (performance.now() > end) return false;
    await delay(interval);
  }
  return true;
}

function send(owner: RunOwner, signal: NodeJS.Signals, path: string): void {
  // Its pid may be another's by now.
  if (!isOwnerAlive(owner, path)) return;
  try {
    process.kill(ownerPid(owner), signal);
  } catch (error) {
    if (systemErrorCode(error) === "ESRCH") return;
    throw new HiveError(
      "failed",
      `Cannot end process ${ownerPid(owner)}: ${systemErrorCode(error)}`,
      {
        cause: error,
        hint: "Be the user who started BuildKit.",
      },
    );
  }
}

function processes(): number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It has ended meanwhile, or is another user's.
    return "";
  }
}
