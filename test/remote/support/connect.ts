import { HiveError } from "../../../src/base/hive-error.ts";
import { openRegistry, type RemoteRegistry } from "../../../src/remote/open-registry.ts";
import type { RemoteLimits } from "../../../src/remote/remote-limits.ts";

type Options = Omit<Parameters<typeof openRegistry>[0], "address" | "signal"> & {
  readonly signal?: AbortSignal;
};

/** A client that waits for nothing long. */
export function connect(address: string, options: Options = {}): RemoteRegistry {
  const limits: Partial<RemoteLimits> = { firstDelay: 1, ...options.limits };
  return openRegistry({ signal: new AbortController().signal, ...options, address, limits });
}

/** Everything of a list. */
export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  return await Array.fromAsync(list);
}

/** The HiveError that a promise rejects with; any other outcome fails the test. */
export async function failure(promise: Promise<unknown>): Promise<HiveError> {
  let outcome: unknown;
  try {
    outcome = await promise;
  } catch (error) {
    if (error instanceof HiveError) return error;
    throw error;
  }
  throw new Error(`It did not fail: ${JSON.stringify(outcome)}`);
}
