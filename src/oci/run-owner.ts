import { readFileSync, readlinkSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { systemErrorCode } from "../base/system-error.ts";

/**
 * Names a running process so that another one can tell later whether it still runs: pid, start time, boot and place
 * (host and pid namespace), joined by `-`. A pid alone is given to another process sooner or later.
 */
export type RunOwner = string & { readonly __owner: unique symbol };

const pattern = /^(\d+)-(\d+)-([0-9a-f]{8})-([0-9a-f]{8})$/;

// A process in another container or on another host can't be asked for; after a day its leavings are taken for dead.
const foreignLifetime = 24 * 3600 * 1000;

let own: RunOwner | undefined;

/** This process. */
export function currentOwner(): RunOwner {
  own ??= ownerOf(process.pid);
  return own;
}

/** Another process of this host and container, as a child that was just started. */
export function ownerOf(pid: number): RunOwner {
  return `${pid}-${startTime(pid) ?? 0}-${boot()}-${place()}` as RunOwner;
}

/** Reads what `currentOwner` made; undefined for anything else. */
export function parseOwner(text: string): RunOwner | undefined {
  return pattern.test(text) ? (text as RunOwner) : undefined;
}

/** The pid, for messages. */
export function ownerPid(owner: RunOwner): number {
  return Number(owner.slice(0, owner.indexOf("-")));
}

/** Whether it is a process of another host or container, which can't be asked for. */
export function isForeignOwner(owner: RunOwner): boolean {
  return pattern.exec(owner)?.[4] !== pattern.exec(currentOwner())?.[4];
}

/**
 * Whether the owner runs. `path` is the file or directory that carries its name: its age decides for foreign owners.
 * @param lifetime Milliseconds for which a foreign owner is taken to be alive.
 */
export function isOwnerAlive(owner: RunOwner, path: string, lifetime = foreignLifetime): boolean {
  if (isForeignOwner(owner)) return ageOf(path) < lifetime;
  const [, pid = "", start = "", ownerBoot] = pattern.exec(owner) ?? [];
  if (ownerBoot !== pattern.exec(currentOwner())?.[3]) return false;
  return isRunning(Number(pid), start);
}

function isRunning(pid: number, start: string): boolean {
  const actual = startTime(pid);
  if (actual !== undefined && start !== "0") return actual === start;
  try {
    process.kill(pid, 0);
    // Where there is a /proc, a process of ours without a start time is a zombie.
    return start === "0";
  } catch (error) {
    // EPERM: it runs, as another user, and /proc may hide it.
    return systemErrorCode(error) === "EPERM";
  }
}

/** Start time in clock ticks since boot; undefined when no such process runs, or where /proc has no such file. */
function startTime(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field, the command, may hold spaces and parentheses. After it come the state and, 19 fields on, the
  // start time.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  // A zombie has ended: in a container nobody may ever wait for it.
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function boot(): string {
  return (readText("/proc/sys/kernel/random/boot_id") ?? "").slice(0, 8).padEnd(8, "0");
}

function place(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // No /proc: a host without pid namespaces.
  }
  return new Bun.CryptoHasher("sha256")
    .update(`${hostname()} ${namespace}`)
    .digest("hex")
    .slice(0, 8);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function ageOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? Number.POSITIVE_INFINITY : Date.now() - stat.mtimeMs;
}
