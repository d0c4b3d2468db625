import { Code, ConnectError } from "@connectrpc/connect";
import { printable } from "../base/printable.ts";
import type { WorkerRecord } from "../gen/buildkit/worker_pb.ts";
import type { Introduction } from "./capabilities.ts";
import type { Worker } from "./connect-buildkit.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "../base/deadline.ts";

/** Asks a daemon who it is, and what it builds on. @throws what the calls throw, when the deadline passes too */
export async function introduce(
  { control }: Connection,
  { signal }: Pick<Deadline, "signal">,
): Promise<Introduction> {
  const { record } = await control.listWorkers({}, { signal });
  return {
    workers: record.slice(0, mostWorkers).map(toWorker),
    version: versionText(
      (await versionOf(control, signal)) ?? record[0]?.BuildkitVersion?.version ?? "unknown",
    ),
  };
}

/** A daemon has one or two. */
const mostWorkers = 100;
/** Characters. */
const longestVersion = 100;

/** What stands in every log is one short line, whoever it is that answers. */
function versionText(text: string): string {
  return printable(text).slice(0, longestVersion);
}

/** Undefined before BuildKit 0.11, so in Docker Engines before 24: they do not know the question. */
async function versionOf(
  control: Connection["control"],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await control.info({}, { signal })).buildkitVersion?.version;
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.Unimplemented) return undefined;
    throw error;
  }
}

/** Whether it reads as one: it goes into names, listings and errors. */
function isPlatform({ OS, Architecture, Variant }: WorkerRecord["platforms"][number]): boolean {
  return [OS, Architecture].every((part) => /^\w[\w.-]*$/.test(part)) && /^[\w.-]*$/.test(Variant);
}

/** A worker in our words. */
export function toWorker({ ID, platforms, Labels, GCPolicy }: WorkerRecord): Worker {
  return {
    id: ID,
    labels: Labels,
    platforms: platforms.filter(isPlatform).map(({ OS, Architecture, Variant }) => ({
      os: OS,
      architecture: Architecture,
      ...(Variant !== "" && { variant: Variant }),
    })),
    gcPolicies: GCPolicy.map(({ all, maxUsedSpace }) => ({
      all,
      maxUsedSpace: Number(maxUsedSpace),
    })),
  };
}
