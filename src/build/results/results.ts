import type { Environment } from "../../base/environment.ts";
import type { ContextReader } from "../../inputs/context-reader.ts";
import type { ReadInputs } from "../../inputs/read-inputs.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Plan, Target } from "../../plan/plan.ts";
import type { UntimedEvent } from "../../progress/event.ts";
import type { FindHandover } from "../handover/create-handovers.ts";
import type { StoredImage } from "../stored-image.ts";
import type { BuildTargetOptions } from "../target/build-target.ts";

/**
 * Where the images of a run are: those that it builds, those that these are built on, and what is known of earlier ones.
 * One interface, for that may be the project's store or a registry.
 */
export type Results = AsyncDisposable & {
  /** The way by which a daemon gets parents and gives results. */
  readonly findHandover: FindHandover;
  /** What to show to registries, to that of the results as well. */
  readonly credentials: BuildTargetOptions["credentials"];
  /** What the exporter is told about every image: another value makes another image. */
  readonly imageSettings: Readonly<Record<string, string>>;
  readonly contexts: ContextReader;
  /** What the ignore file of the Dockerfile at this path alone says. */
  readonly ignore: (dockerfile: string) => string | undefined;
  /** The image that the same inputs gave before, if it is whole; undefined: it is to be built. */
  recall(
    target: Target,
    made: KnownInputs & { readonly key: string },
  ): Promise<StoredImage | undefined>;
  /** The image that was built just now. @throws Error when it is not there */
  find(target: Target, digest: Digest): Promise<StoredImage>;
  /** Keeps what an image was made of, for `recall` in other runs. */
  remember(target: Target, made: KnownInputs, image: StoredImage): void;
  /** The image that the target had last; undefined when there is none. */
  previous(target: Target): Promise<Digest | undefined>;
  /** Makes an image known to whoever needs it, and names its reference when that is complete. */
  publish(target: Target, image: StoredImage & { readonly how: HowMade }): Promise<void>;
  /** The name under which an image leaves this machine; undefined where it stays. */
  nameOf(target: Target): string | undefined;
  /** Resolves when all that can be is named and kept. @throws HiveError when something could not be */
  flush(): Promise<void>;
  /** Removes what newer images replaced, when a run has ended well. */
  tidy(): Promise<void>;
};

/** How an image came to be: its steps ran, all of them were cached, or the daemon was not even asked. */
export type HowMade = "built" | "cached" | "unchanged";

/** What a target is made of. */
export type KnownInputs = ReadInputs & {
  /** Absent when the same inputs may give another image. */
  readonly key?: string | undefined;
};

/** What results need of the run that they are of. */
export type ResultsRun = {
  readonly plan: Plan;
  /** Goes into names: `base:1.0-build.<id>`. */
  readonly buildId: string | undefined;
  /** Whether `recall` will be asked. */
  readonly reuse: boolean;
  readonly env: Environment;
  /** What to show to registries that external images come from. */
  readonly credentials: BuildTargetOptions["credentials"];
  /** Learns that nothing more can be taken: the run should end. */
  readonly onError: (error: Error) => void;
  readonly emit: (event: UntimedEvent) => void;
  readonly signal: AbortSignal;
};

export type OpenResults = (run: ResultsRun) => Promise<Results>;
