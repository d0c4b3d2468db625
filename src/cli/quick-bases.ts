import type { BaseResolver } from "../build/find-bases.ts";
import type { App } from "./app.ts";

/** Milliseconds in which registries may say what external images stand for. */
const limit = 3000;

/**
 * Asks registries what external images stand for, each once. What is not known soon is left to BuildKit: nobody waits long
 * for a registry that is gone.
 */
export function quickBases(app: App): BaseResolver {
  const signal = AbortSignal.any([app.signal, AbortSignal.timeout(limit)]);
  const known = new Map<string, ReturnType<BaseResolver>>();
  let resolver: Promise<BaseResolver> | undefined;
  return (reference) => {
    resolver ??= openResolver(app, signal);
    const digest = known.get(reference) ?? resolver.then((resolve) => resolve(reference));
    known.set(reference, digest);
    return digest;
  };
}

// Where hive.lock pins all, as in CI, the client of registries is not even loaded.
async function openResolver(app: App, signal: AbortSignal): Promise<BaseResolver> {
  const { quickResolver } = await import("../lock/quick-resolver.ts");
  const { baseRegistries } = await import("./base-registries.ts");
  const limits = { attempts: 1, answer: limit };
  return quickResolver(baseRegistries(app, { limits, signal }), signal);
}
