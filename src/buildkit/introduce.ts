import { Code, ConnectError } from "@connectrpc/connect";
import type { WorkerRecord } from "../gen/buildkit/worker_pb.ts";
import type { Worker } from "./connect-buildkit.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "../base/deadline.ts";

/** Asks a daemon who it is, and what it builds on. @throws what the calls throw, when the deadline passes too */
export async function introduce(
  { control }: Connection,
  { signal }: Pick<Deadline, "signal">,
): Promise<{ readonly workers: Worker[]; readonly version: string }> {
  const { record } = await control.listWorkers({}, { signal });
  return {
    workers: record.map(toWorker),
    version: (await versionOf(control, signal)) ?? record[0]?.BuildkitVersion?.version ?? "unknown",
  };
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

/** A worker in our words. */
export function toWorker({ ID, platforms, Labels }: WorkerRecord): Worker {
  return {
    id: ID,
    labels: Labels,
    platforms: platforms.map(({ OS, Architecture, Variant }) => ({
      os: OS,
      architecture: Architecture,
      ...(Variant !== "" && { variant: Variant }),
    })),
  };
}
