import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";

/** What numbers depend on: cores, whether they hash in hardware, and what else is running. */
export function describeMachine(): string {
  const [load = 0] = loadavg();
  const sha = /\b(sha_ni|sha2)\b/.test(readFileSync("/proc/cpuinfo", "utf8")) ? "with" : "without";
  return `${availableParallelism()} x ${cpus()[0]?.model ?? "CPU"}, ${sha} SHA instructions, load ${load.toFixed(1)}`;
}
