import { HiveError } from "../base/hive-error.ts";
import { formatPlatform } from "../oci/platform.ts";
import type { Buildkit } from "./connect-buildkit.ts";
import { openConnection } from "./connection.ts";
import { createDeadline } from "../base/deadline.ts";
import { introduce } from "./introduce.ts";
import { runnablePlatforms } from "./runnable-platforms.ts";

type AskOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds for everything together. */
  readonly timeout: number;
};

/**
 * Asks a daemon that went away whether it is back, on a connection of its own.
 * @throws HiveError "unreachable" when another release, or another machine, answers there: what was built so far was built on
 * something else; what dialling and asking throw
 */
export async function askAgain(buildkit: Buildkit, { signal, timeout }: AskOptions): Promise<void> {
  using deadline = createDeadline({ signal, timeout });
  using connection = await openConnection(buildkit.dialer, { signal: deadline.signal, timeout });
  const { version, workers } = await Promise.race([
    introduce(connection, deadline),
    deadline.passed,
  ]);
  const before = describe(buildkit);
  const now = describe({ version, workers });
  if (before === now) return;
  throw new HiveError(
    "unreachable",
    `The BuildKit at ${buildkit.address} is not the one that was there before: it was ${before}, and is ${now}`,
  );
}

function describe({ version, workers }: Pick<Buildkit, "version" | "workers">): string {
  const [own] = runnablePlatforms({ workers });
  return own === undefined ? version : `${version} on ${formatPlatform(own)}`;
}
