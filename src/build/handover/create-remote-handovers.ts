import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { Credentials } from "../../buildkit/solve-request.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Target } from "../../plan/plan.ts";
import type { FindHandover } from "./create-handovers.ts";
import { engineHandover } from "./engine-handover.ts";
import { fitHandover } from "./fit-handover.ts";
import type { Handover } from "./handover.ts";
import { onceForEach } from "./once-for-each.ts";
import { remoteFailure } from "./remote-failure.ts";
import { remoteHandover } from "./remote-handover.ts";
import { platformNameAt, type RemotePlace } from "./remote-place.ts";

type RemoteOptions = {
  readonly place: RemotePlace;
  /** Those of the project's images: `team/base`. What a daemon says of others is none of ours. */
  readonly repositories: ReadonlySet<string>;
  /** Makes of an image that a Docker Engine pushed with Docker's media types what the registry is to have. */
  readonly keep: (target: Target, pushed: Digest) => Promise<Digest>;
  /** Learns why images can't go to the registry or come from it. */
  readonly onFailure: (error: HiveError) => void;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  readonly warn: (target: Target, message: string) => void;
  /** Takes what is to be cleared up at the end of the run. */
  readonly cleanup: AsyncDisposableStack;
  readonly signal: AbortSignal;
};

/** The hand-overs of a run through a registry: the same for all daemons but for Docker Engines with the old image store. */
export function createRemoteHandovers(options: RemoteOptions): FindHandover {
  const { place, repositories, onFailure, cleanup } = options;
  const explain: NonNullable<Handover["explain"]> = async (error) => {
    const isTold = error instanceof BuildkitError && error.kind === "failed";
    if (!isTold && !(error instanceof HiveError && error.kind === "failed")) return undefined;
    const failure = remoteFailure(error.message, { ...place, repositories }, error);
    if (failure !== undefined) onFailure(failure);
    return failure;
  };
  const direct: Handover = { ...remoteHandover(place), explain };

  async function throughEngine({ address, dialer: { engine } }: Buildkit): Promise<Handover> {
    if (engine === undefined) {
      throw new HiveError("failed", `BuildKit at ${address} can't export images`, {
        hint: "It seems to be that of a Docker Engine with the old image store, with which hive has to talk by itself: name it as docker://",
      });
    }
    const made = engineHandover({
      ...options,
      engine,
      parents: direct,
      host: place.host,
      nameOf(target) {
        const { repository, tag } = platformNameAt(place, target);
        return { repository: `${place.host}/${repository}`, tag };
      },
      explain: async (error) => (await explain(error)) ?? error,
    });
    return { ...cleanup.use(made), explain };
  }

  return onceForEach(async (buildkit) => {
    const { exportsImages } = await buildkit.capabilities();
    const handover = exportsImages ? direct : await throughEngine(buildkit);
    return await fitHandover(buildkit, handover, options);
  });
}
