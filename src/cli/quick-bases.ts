import type { BaseResolver } from "../build/find-bases.ts";
import { quickResolver } from "../lock/quick-resolver.ts";
import type { App } from "./app.ts";
import { baseRegistries } from "./base-registries.ts";

/** Milliseconds in which registries may say what external images stand for. */
const limit = 3000;

/**
 * Asks registries what external images stand for, each once. What is not known soon is left to BuildKit: nobody waits long
 * for a registry that is gone.
 */
export function quickBases(app: App): BaseResolver {
  const signal = AbortSignal.any([app.signal, AbortSignal.timeout(limit)]);
  const limits = { attempts: 1, answer: limit };
  const resolve = quickResolver(baseRegistries(app, { limits, signal }), signal);
  const known = new Map<string, ReturnType<BaseResolver>>();
  return (reference) => {
    const digest = known.get(reference) ?? resolve(reference);
    known.set(reference, digest);
    return digest;
  };
}
