import { endsWithin } from "../base/ends-within.ts";
import { methodNotAllowed } from "../registry/endpoints/method-not-allowed.ts";

/** Tells whether the server can do its work. */
export type Health = {
  /** `GET /healthz`. Throws RegistryError for other methods. */
  serve(request: Request): Promise<Response>;
};

type HealthOptions = {
  /** Rejects when the store can't be written. */
  readonly check: () => Promise<void>;
  /** Whether it takes no new work, which no earlier answer can know. Default: never. */
  readonly isStopping?: () => boolean;
  /** Milliseconds for which an answer holds: anybody may ask, and the disk is not for anybody. Default: 1 s. */
  readonly validity?: number;
  /** Milliseconds after which a check that does not end has failed. Default: 5 s. */
  readonly deadline?: number;
};

/** Says no more than `ok` or `failing`, as everybody may ask. Why is in the server's own log. */
export function createHealth(options: HealthOptions): Health {
  const { check, isStopping = () => false, validity = 1000, deadline = 5000 } = options;
  let last: Promise<boolean> | undefined;
  let asked = 0;
  let running = false;

  const runCheck = async (): Promise<boolean> => {
    running = true;
    try {
      await check();
      return true;
    } catch {
      return false;
    } finally {
      running = false;
    }
  };
  const runInTime = async (): Promise<boolean> => {
    const answer = runCheck();
    return (await endsWithin(answer, deadline)) && (await answer);
  };
  const isHealthy = (): Promise<boolean> => {
    const now = performance.now();
    // One that hangs, as on a dead disk, is not joined by others: they would use up the threads for files.
    if (!running && (last === undefined || now - asked > validity)) {
      asked = now;
      last = runInTime();
    }
    return last ?? Promise.resolve(false);
  };

  return {
    async serve(request) {
      if (request.method !== "GET" && request.method !== "HEAD") {
        throw methodNotAllowed("GET, HEAD");
      }
      const healthy = !isStopping() && (await isHealthy());
      const body = JSON.stringify({ status: healthy ? "ok" : "failing" });
      return new Response(request.method === "HEAD" ? null : body, {
        status: healthy ? 200 : 503,
        headers: {
          "Content-Type": "application/json",
          "Content-Length": `${body.length}`,
          "Cache-Control": "no-store",
        },
      });
    },
  };
}
