import { Code, ConnectError } from "@connectrpc/connect";
import type { Buildkit } from "./connect-buildkit.ts";
import { openConnection } from "./connection.ts";

const header = "buildkit-current-timestamp";
const dialTimeout = 10_000;

/**
 * How far a daemon's clock is ahead of ours, in milliseconds; undefined where it does not tell. What it answers to a
 * question about past builds has its time in the header; no build has the name that is asked for.
 * @throws what dialling throws, a ConnectError; the signal's reason
 */
export async function clockSkew(
  { dialer }: Pick<Buildkit, "dialer">,
  signal: AbortSignal,
): Promise<number | undefined> {
  using connection = await openConnection(dialer, { signal, timeout: dialTimeout });
  let said: string | null = null;
  const onHeader = (headers: Headers): void => void (said = headers.get(header));
  const request = { Ref: crypto.randomUUID(), EarlyExit: true };
  const before = Date.now();
  try {
    const history = connection.control.listenBuildHistory(request, { signal, onHeader });
    await history[Symbol.asyncIterator]().next();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ConnectError) || error.code !== Code.Unimplemented) throw error;
  }
  const time = Date.parse(said ?? "");
  return Number.isNaN(time) ? undefined : time - (before + Date.now()) / 2;
}
