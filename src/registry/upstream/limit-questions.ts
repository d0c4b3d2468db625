import { HiveError } from "../../base/hive-error.ts";
import { Semaphore } from "../../base/semaphore.ts";
import type { Upstream } from "./upstream.ts";

/**
 * An upstream that is asked no more at a time: each answer is in memory as a whole, and who asks may make up names as they
 * like. Blobs, which are not, have a limit of their own.
 * @param wait milliseconds for a question to wait for its turn; "unreachable" after that
 */
export function limitQuestions(upstream: Upstream, limit: number, wait: number): Upstream {
  const turns = new Semaphore(limit);
  const inTurn = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    using _ = await turns.acquire(AbortSignal.timeout(wait)).catch((cause: unknown) => {
      throw new HiveError("unreachable", `${limit} questions to it wait for an answer`, { cause });
    });
    return await ask();
  };
  return {
    origin: upstream.origin,
    findDigest: (repository, tag) => inTurn(() => upstream.findDigest(repository, tag)),
    findManifest: (repository, reference) =>
      inTurn(() => upstream.findManifest(repository, reference)),
    blobSize: (repository, digest) => inTurn(() => upstream.blobSize(repository, digest)),
    findBlob: (repository, digest, signal) => upstream.findBlob(repository, digest, signal),
    tags: (repository) => inTurn(() => upstream.tags(repository)),
    referrers: (repository, digest) => inTurn(() => upstream.referrers(repository, digest)),
    [Symbol.dispose]: () => upstream[Symbol.dispose](),
  };
}
