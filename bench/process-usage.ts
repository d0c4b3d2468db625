import { readFileSync, writeFileSync } from "node:fs";

const ticksPerSecond = 100;

/** Seconds of CPU, user and system, that a process and its children have used. */
export function cpuSeconds(pid: number): number {
  return sum(pid, (process) => {
    const stat = readFileSync(`/proc/${process}/stat`, "utf8");
    // After the name, which may hold anything but is in parentheses; utime and stime are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  });
}

/** MiB in memory, of a process and its children: now, or the most since the last `resetPeak`. */
export function memory(pid: number, kind: "now" | "peak"): number {
  const pattern = kind === "now" ? /^VmRSS:\s+(\d+)/m : /^VmHWM:\s+(\d+)/m;
  return sum(pid, (process) => {
    const status = readFileSync(`/proc/${process}/status`, "utf8");
    return Number(pattern.exec(status)?.[1] ?? 0) / 1024;
  });
}

export function resetPeak(pid: number): void {
  for (const process of withChildren(pid)) writeFileSync(`/proc/${process}/clear_refs`, "5");
}

function sum(pid: number, value: (pid: number) => number): number {
  return withChildren(pid).reduce((total, process) => total + value(process), 0);
}

function withChildren(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
  return [pid, ...children.filter((child) => child !== "").map(Number)];
}
