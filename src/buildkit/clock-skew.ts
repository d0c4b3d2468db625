import type { Buildkit } from "./connect-buildkit.ts";
import { openConnection } from "./connection.ts";

const header = "buildkit-current-timestamp";
const dialTimeout = 10_000;

/**
 * How far a daemon's clock is ahead of ours, in milliseconds; undefined where it does not tell. What it answers to a
 * request for a build's status begins with its time.
 * @throws what dialling throws, a ConnectError; the signal's reason
 */
export async function clockSkew(
  { dialer }: Pick<Buildkit, "dialer">,
  signal: AbortSignal,
): Promise<number | undefined> {
  using connection = await openConnection(dialer, { signal, timeout: dialTimeout });
  const { control } = connection;
  const said = Promise.withResolvers<string | null>();
  const onHeader = (headers: Headers): void => said.resolve(headers.get(header));
  const before = Date.now();
  async function ask(): Promise<void> {
    try {
      // A build that nobody started: the daemon waits for it, and we don't.
      const status = control.status({ Ref: crypto.randomUUID() }, { signal, onHeader });
      await status[Symbol.asyncIterator]().next();
      said.resolve(null);
    } catch (error) {
      said.reject(error);
    }
  }
  void ask();
  const time = Date.parse((await said.promise) ?? "");
  return Number.isNaN(time) ? undefined : time - (before + Date.now()) / 2;
}
