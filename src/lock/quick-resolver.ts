import { Semaphore } from "../base/semaphore.ts";
import type { Digest } from "../oci/digest.ts";
import { type RegistryOpener, resolveBase } from "./resolve-base.ts";

/** References that are asked for at a time. */
const asksAtOnce = 16;

/**
 * Resolves references for a build, which can do without: undefined where a registry says no, or nothing in time.
 * @param limit aborts when there is no more time; what is not known by then stays unknown
 */
export function quickResolver(
  open: RegistryOpener,
  limit: AbortSignal,
): (reference: string) => Promise<Digest | undefined> {
  const permits = new Semaphore(asksAtOnce);
  const late = new Promise<undefined>((resolve) => {
    const end = (): void => resolve(undefined);
    if (limit.aborted) end();
    else limit.addEventListener("abort", end, { once: true });
  });
  async function ask(reference: string): Promise<Digest | undefined> {
    try {
      using _permit = await permits.acquire(limit);
      return await resolveBase(reference, open);
    } catch {
      // No such image, no network, no credentials: BuildKit will say so in full.
      return undefined;
    }
  }
  return (reference) => Promise.race([ask(reference), late]);
}
