import type { WorkerRecord } from "../gen/buildkit/worker_pb.ts";
import type { Worker } from "./connect-buildkit.ts";
import type { Connection } from "./connection.ts";
import type { Deadline } from "./deadline.ts";

/** Asks a daemon who it is, and what it builds on. @throws what the calls throw, when the deadline passes too */
export async function introduce(
  { control }: Connection,
  { signal }: Pick<Deadline, "signal">,
): Promise<{ readonly workers: Worker[]; readonly version: string }> {
  const { record } = await control.listWorkers({}, { signal });
  const info = await control.info({}, { signal });
  return {
    workers: record.map(toWorker),
    version: info.buildkitVersion?.version ?? record[0]?.BuildkitVersion?.version ?? "unknown",
  };
}

function toWorker({ ID, platforms, Labels }: WorkerRecord): Worker {
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
