import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { BuildkitError } from "../buildkit/buildkit-error.ts";
import { hasImageStore } from "../buildkit/capabilities.ts";
import type { Buildkit } from "../buildkit/connect-buildkit.ts";
import type { Platform } from "../oci/platform.ts";
import type { Plan, TargetId } from "../plan/plan.ts";
import type { EventSink, UntimedEvent } from "../progress/event.ts";
import type { BuildNode } from "./nodes/build-node.ts";
import type { BuildTargetOptions, BuiltImage } from "./target/build-target.ts";
import { createRunCache } from "./cache/create-run-cache.ts";
import { buildPlatformOf, lanesOf } from "./nodes/choose-nodes.ts";
import { basesFinder, type BaseResolver } from "./find-bases.ts";
import { createNodePool } from "./nodes/node-pool.ts";
import { createOnNode } from "./nodes/on-nodes.ts";
import type { OpenResults } from "./results/results.ts";
import { type FailurePolicy, type Outcome, schedule } from "./schedule.ts";
import { createTargetRunner } from "./target-runner.ts";
import { secretsOfRun } from "./target/target-secrets.ts";
import type { BuildOutput } from "./write-output.ts";

export type BuildOptions = {
  readonly plan: Plan;
  /** Where it is built: at least one. */
  readonly nodes: readonly BuildNode[];
  /** Where the images go, and where those are that they are built on. */
  readonly openResults: OpenResults;
  /** How many targets are built at a time, on all nodes together. */
  readonly jobs: number;
  readonly onFailure: FailurePolicy;
  /** Takes an image as it is, without asking the daemon, when nothing that goes into it changed. */
  readonly reuse: boolean;
  /** Runs every step again. */
  readonly noCache: boolean;
  /** Writes to the cache that the plan names. */
  readonly exportCache: boolean;
  /** What `BUILDPLATFORM` is where the daemons don't tell. */
  readonly native: Platform;
  /** Asks registries for what hive.lock does not pin. */
  readonly resolveBase: BaseResolver;
  /** Goes into the names of what is built: `base:1.0-build.<id>`. */
  readonly buildId?: string | undefined;
  /** What to show to registries that external images come from. */
  readonly credentials: BuildTargetOptions["credentials"];
  /** Gets tokens of such registries in the daemon's stead. */
  readonly tokens?: BuildTargetOptions["tokens"];
  /** Takes the files of the requested images as well. */
  readonly output?: BuildOutput | undefined;
  /** Where secrets and ssh agents are looked for. */
  readonly env: Environment;
  readonly emit: EventSink;
  readonly signal: AbortSignal;
};

/**
 * Builds everything in a plan, each image on those that it needs, by a hand-over that lives as long as this call. What becomes of each target is told as events.
 * @returns whether all of it was built
 * @throws HiveError when the run as a whole can't go on: a full disk, an unreachable daemon; the signal's reason when it aborts
 */
export async function build(options: BuildOptions): Promise<boolean> {
  const { plan, nodes, env } = options;
  const emit = (event: UntimedEvent): void => options.emit({ time: Date.now(), ...event });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  await using results = await options.openResults({
    plan,
    buildId: options.buildId,
    reuse: options.reuse,
    env,
    credentials: options.credentials,
    onError: (error) => stop.abort(error),
    emit,
    signal,
  });
  const { findHandover } = results;
  using pool = createNodePool({ nodes, jobs: options.jobs, signal });
  const isSpread = nodes.length > 1;
  await using cache = createRunCache({
    settings: plan.cache,
    env,
    // Steps that are to run again need nothing from there.
    imports: !options.noCache,
    exports: options.exportCache,
    previousImage: async (target) => await results.previous(target),
    warn: ({ id }, message) => emit({ type: "warning", target: id, message }),
  });
  const run = createTargetRunner({
    plan,
    isSpread,
    onNode: createOnNode({ pool, findHandover, emit, signal }),
    frontend: [...new Set(nodes.map(({ buildkit }) => makerOf(buildkit)))].toSorted().join(" "),
    nativeOf: ({ platform }) => buildPlatformOf(nodes, platform) ?? options.native,
    results,
    basesOf: basesFinder(plan.targets, options.resolveBase),
    tokens: options.tokens,
    secrets: secretsOfRun(env, signal),
    cache,
    env,
    reuse: options.reuse,
    noCache: options.noCache,
    output: options.output,
    reasonOf: (error) => (stop.signal.aborted ? stop.signal.reason : error),
    emit,
    signal,
  });
  const outcomes = await schedule(plan.targets, run, {
    jobs: options.jobs,
    onFailure: options.onFailure,
    // Targets that wait for a node must not keep others from theirs.
    laneOf: isSpread ? lanesOf(nodes, plan.targets) : () => "",
    signal,
  });
  tellSkipped(outcomes, emit);
  await results.flush();
  if (stop.signal.aborted) throw stop.signal.reason;
  options.signal.throwIfAborted();
  throwIfDaemonGone(outcomes);
  // Nobody who wants to stop waits for it.
  await results.tidy();
  return [...outcomes.values()].every(({ kind }) => kind === "done");
}

/** Engines of a distribution do not say their version; with the old store they make other images, in any case. */
function makerOf({ version, workers }: Buildkit): string {
  return hasImageStore(workers) ? version : `${version} moby`;
}

/** A daemon that went away is not a build that failed: scripts may want to try again. */
function throwIfDaemonGone(outcomes: ReadonlyMap<TargetId, Outcome<BuiltImage>>): void {
  for (const outcome of outcomes.values()) {
    if (outcome.kind !== "failed" || !(outcome.error instanceof BuildkitError)) continue;
    const { kind, message } = outcome.error;
    if (kind !== "lost" && kind !== "unreachable") continue;
    throw new HiveError("unreachable", message, {
      cause: outcome.error,
      hint: "See whether the BuildKit daemon still runs, then build again: what was built is cached.",
    });
  }
}

function tellSkipped(
  outcomes: ReadonlyMap<TargetId, Outcome<BuiltImage>>,
  emit: (event: UntimedEvent) => void,
): void {
  for (const [target, outcome] of outcomes) {
    if (outcome.kind === "skipped")
      emit({ type: "target.skipped", target, because: outcome.because });
  }
}
