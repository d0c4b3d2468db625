import type { Environment } from "../../base/environment.ts";
import type { TokenAuthority } from "../../buildkit/auth/token-authority.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { FileTree } from "../../buildkit/file-tree.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import type { BuildRequest, Credentials } from "../../buildkit/solve-request.ts";
import { solve, type SolveResult } from "../../buildkit/solve.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import type { CacheBytes, UntimedEvent } from "../../progress/event.ts";
import { cacheTroubleOf, watchTrouble } from "../cache/cache-trouble.ts";
import { noCache, type RunCache, type TargetCache } from "../cache/create-run-cache.ts";
import type { Handover } from "../handover/handover.ts";
import { missingEmulator } from "../nodes/missing-emulator.ts";
import { stepEvent } from "./step-event.ts";
import type { StepRecord } from "./step-record.ts";
import { targetRequest } from "./target-request.ts";
import { maskStepEvent, type SecretsOfRun } from "./target-secrets.ts";

/** A target that was built: its image is where the hand-over put it. */
export type BuiltImage = { readonly target: Target; readonly digest: Digest };

export type BuildTargetOptions = {
  readonly buildkit: Buildkit;
  readonly context: FileTree;
  /** Parts what the daemon has of this context from what it has of it for others. Default: `context`. */
  readonly contextKind?: string;
  /** Images from elsewhere by digest, as far as they are known: they are what is built on. */
  readonly bases: ReadonlyMap<string, Digest>;
  /** The patterns of a `.dockerignore` for this Dockerfile alone. */
  readonly ignore: string | undefined;
  readonly handover: Handover;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  /** Gets tokens in the daemon's stead. Undefined: it asks for credentials. */
  readonly tokens?: TokenAuthority | undefined;
  readonly secrets: SecretsOfRun;
  readonly cache: RunCache;
  readonly env: Environment;
  /** Runs every step again. */
  readonly noCache: boolean;
  readonly steps: StepRecord;
  readonly emit: (event: UntimedEvent) => void;
  readonly signal: AbortSignal;
};

/** What the daemon made, and what went to and from a cache as far as that is known. */
export type BuiltDigest = { readonly digest: Digest; readonly cacheBytes: CacheBytes | undefined };

/**
 * Builds one target on the daemon, which puts the image where the hand-over says.
 * @param needs the results of its dependencies
 * @throws BuildkitError, HiveError
 */
export async function buildTarget(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: BuildTargetOptions,
): Promise<BuiltDigest> {
  const { buildkit, handover, emit } = options;
  const missing = missingEmulator(target, runnablePlatforms(buildkit));
  if (missing !== undefined) {
    emit({ type: "warning", target: target.id, file: target.dockerfile.file, ...missing });
  }
  try {
    return await buildOnce(target, needs, options);
  } catch (error) {
    const other = await handover.instead?.(error);
    if (other === undefined) throw (await handover.explain?.(error)) ?? error;
    const message = `BuildKit at ${buildkit.address} does not reach the registry inside hive any more: images go over the session`;
    emit({ type: "warning", target: target.id, message });
    return await buildOnce(target, needs, { ...options, handover: other });
  }
}

async function buildOnce(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  options: BuildTargetOptions,
): Promise<BuiltDigest> {
  const request = targetRequest(target, needs, options);
  const cache = await options.cache.open(target, options.handover);
  const result = await solveWithCache(target, { request, cache }, options);
  const digest = (await options.handover.collect?.(target, result)) ?? result.digest;
  if (digest === undefined) throw new Error("Internal error: the daemon made no image");
  const fetched = cache.imports.length > 0 ? { imported: options.steps.fetchedBytes() } : undefined;
  return { digest, cacheBytes: cache.bytes() ?? fetched };
}

type CachedRequest = { readonly request: BuildRequest; readonly cache: TargetCache };

/** Builds; once more without the cache when that is what failed, or held up the build. */
async function solveWithCache(
  target: Target,
  { request, cache }: CachedRequest,
  options: BuildTargetOptions,
): Promise<SolveResult> {
  const { buildkit, handover, secrets, steps, emit, signal } = options;
  const fit = handover.fit ?? ((_target, whole) => whole);
  using trouble = watchTrouble((found) => options.cache.report(target, found));
  const attempt = async (cached: TargetCache, stop: AbortSignal): Promise<SolveResult> =>
    await solve(
      buildkit,
      fit(target, {
        ...request,
        cacheImports: cached.imports,
        cacheExports: cached.exports,
        stores: new Map([...(request.stores ?? []), ...cached.stores]),
      }),
      {
        signal: stop,
        onStatus(raw) {
          const event = trouble.onStep(maskStepEvent(raw, secrets.mask));
          steps.push(event);
          emit(stepEvent(target.id, target.dockerfile.file, event));
        },
      },
    );
  try {
    const result = await attempt(cache, AbortSignal.any([signal, trouble.signal]));
    await cache.finish(result.response);
    return result;
  } catch (error) {
    if (signal.aborted || !(error instanceof BuildkitError)) throw error;
    const isUsed = cache.imports.length + cache.exports.length > 0;
    const found = error.kind === "failed" && isUsed ? cacheTroubleOf(error.message) : undefined;
    if (found !== undefined) options.cache.report(target, found);
    else if (!trouble.signal.aborted) throw error;
    await cache.distrust();
    return await attempt(noCache, signal);
  }
}
