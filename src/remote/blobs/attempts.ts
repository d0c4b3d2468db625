import type { Endpoint } from "../endpoint.ts";
import { waitForAttempt } from "../retry.ts";

/** The attempts to bring a blob through, which are counted anew whenever enough of it came through. */
export type Attempts = {
  /** So many of its bytes are safe. */
  reached(position: number): void;
  /**
   * One failed: waits for the next.
   * @param asked milliseconds that the registry asks to wait
   * @throws `error` when there is no next
   */
  failed(error: unknown, asked?: number): Promise<void>;
};

export function createAttempts(endpoint: Endpoint, signal: AbortSignal | undefined): Attempts {
  const { limits } = endpoint;
  let failures = 0;
  let best = 0;
  return {
    reached(position) {
      if (position < best + limits.progress) return;
      best = position;
      failures = 0;
    },
    async failed(error, asked = 0) {
      failures++;
      if (failures >= limits.attempts || asked > limits.longestDelay) throw error;
      await waitForAttempt(endpoint, failures, { asked, signal });
    },
  };
}
