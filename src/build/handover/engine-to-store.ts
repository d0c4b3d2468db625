import { HiveError } from "../../base/hive-error.ts";
import type { Credentials } from "../../buildkit/solve-request.ts";
import type { Engine } from "../../docker/engine.ts";
import { readBlob, storeBlob } from "../../oci/blob-store.ts";
import type { Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { platformSlug } from "../../oci/platform.ts";
import { toOciManifest } from "../../oci/to-oci-manifest.ts";
import type { Target } from "../../plan/plan.ts";
import { engineHandover, type EngineHandover, runMark } from "./engine-handover.ts";
import { registryHandover } from "./handover.ts";
import type { Place } from "./place.ts";

type StoreOptions = {
  readonly engine: Engine;
  readonly parents: Place;
  readonly results: Place;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  readonly signal: AbortSignal;
};

/** Manifests are small; what is bigger is none. */
const manifestLimit = 4 * 1024 * 1024;

/**
 * Hand-over for a Docker Engine with the old image store that pushes to the registry in our process. Images get OCI's media
 * types on the way, as everywhere else, and layers as the engine packs them.
 */
export function engineToStore(options: StoreOptions): EngineHandover {
  const { engine, parents, results } = options;
  const { address } = results.registry;

  /** Stores the image in OCI's form, and lets the registry know it. */
  async function keep(target: Target, pushed: Digest): Promise<Digest> {
    const { blobs } = results.layout;
    const bytes = await readBlob(blobs, pushed, manifestLimit);
    if (bytes === undefined) {
      throw new Error(`Internal error: the engine reported ${pushed} but pushed no such image`);
    }
    const { digest, size } = await storeBlob(blobs, toOciManifest(bytes));
    const { reference, platform } = target;
    const mediaType = mediaTypes.ociManifest;
    await results.registry.publish(reference, { mediaType, digest, size, platform });
    return digest;
  }

  return engineHandover({
    ...options,
    parents: registryHandover(parents.registry.address),
    host: address,
    nameOf: ({ name, tag, platform }) => ({
      repository: `${address}/${runMark}/${name}`,
      tag: `${tag}.${platformSlug(platform)}`,
    }),
    keep,
    explain: async (error) => explained(error, engine, address),
  });
}

/** What a push that failed means: an engine that looks for the registry where it is not. */
function explained(error: unknown, engine: Engine, address: string): unknown {
  if (!(error instanceof HiveError)) return error;
  if (!error.message.includes(address) || !noWay.test(error.message)) return error;
  return new HiveError("failed", error.message, { cause: error, hint: howElse(engine.address) });
}

const noWay =
  /connection refused|no route to host|network is unreachable|timeout|HTTP response to HTTPS/i;

/** What to do about an engine that can't hand images over. */
export function howElse(address: string): string {
  return `The Docker Engine at ${address} does not reach the registry inside hive, which is on 127.0.0.1 of this machine, and its old image store takes no images over the session.
Switch it to the containerd image store, with { "features": { "containerd-snapshotter": true } } in its daemon.json, or build on a BuildKit of its own: hive dev buildkitd start`;
}
