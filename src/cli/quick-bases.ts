import type { BaseResolver } from "../build/find-bases.ts";
import { quickResolver } from "../lock/quick-resolver.ts";
import type { App } from "./app.ts";
import { openQuickRegistries } from "./open-base-registry.ts";

/**
 * Asks registries what external images stand for, each once. What is not known soon is left to BuildKit: nobody waits long
 * for a registry that is gone.
 */
export function quickBases(app: App): BaseResolver {
  const { open, limit } = openQuickRegistries(app);
  const resolve = quickResolver(open, limit);
  const known = new Map<string, ReturnType<BaseResolver>>();
  return (reference) => {
    const digest = known.get(reference) ?? resolve(reference);
    known.set(reference, digest);
    return digest;
  };
}
