import { connect } from "node:net";
import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Credentials } from "../../buildkit/solve-request.ts";
import type { Engine } from "../../docker/engine.ts";
import { listImageNames, removeImageName } from "../../docker/image-names.ts";
import { type EngineName, pushImage } from "../../docker/push-image.ts";
import { readBlob, storeBlob } from "../../oci/blob-store.ts";
import type { Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { platformSlug } from "../../oci/platform.ts";
import { toOciManifest } from "../../oci/to-oci-manifest.ts";
import type { Target } from "../../plan/plan.ts";
import { type Handover, registryHandover } from "./handover.ts";
import type { Place } from "./place.ts";

type EngineOptions = {
  readonly engine: Engine;
  readonly parents: Place;
  readonly results: Place;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  readonly signal: AbortSignal;
};

export type EngineHandover = Handover & AsyncDisposable;

/** In front of the names that images have in the engine until they are pushed: what it is, should one ever be left. */
const mark = "hive-run";
/** Manifests are small; what is bigger is none. */
const manifestLimit = 4 * 1024 * 1024;
/** Milliseconds for the engine to forget a name. */
const patience = 10_000;

/**
 * Hand-over for a Docker Engine with the old image store. Its BuildKit can't push: the engine itself does, from its store to
 * the registry in our process, and then forgets the image's name there. Parents are pulled from the registry as usual.
 *
 * Images get OCI's media types on the way, as everywhere else, and layers as the engine packs them.
 * Disposing takes away what builds that ended in between may have left.
 */
export function engineHandover(options: EngineOptions): EngineHandover {
  const { engine, parents, results, credentials, signal } = options;
  const { address } = results.registry;
  /** Names that the engine may have. */
  const open = new Set<string>();
  const fromRegistry = registryHandover(parents.registry.address);

  const nameOf = ({ name, tag, platform }: Target): EngineName => ({
    repository: `${address}/${mark}/${name}`,
    tag: `${tag}.${platformSlug(platform)}`,
  });

  async function forget(name: string): Promise<void> {
    await removeImageName(engine, name, { signal: AbortSignal.timeout(patience) });
    open.delete(name);
  }

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

  return {
    ...fromRegistry,
    exporter(target) {
      const { repository, tag } = nameOf(target);
      const name = `${repository}:${tag}`;
      open.add(name);
      return { type: "moby", attrs: { name } };
    },
    async collect(target) {
      const name = nameOf(target);
      try {
        const credential = await credentials(address);
        return await keep(target, await pushImage(engine, name, { credential, signal }));
      } catch (error) {
        throw explained(error, engine, address);
      } finally {
        await forget(`${name.repository}:${name.tag}`).catch(() => {
          // Once more at the end.
        });
      }
    },
    async [Symbol.asyncDispose]() {
      for (const name of open) {
        try {
          await forget(name);
        } catch {
          // An engine that is gone; its next run with us looks for what was left.
          return;
        }
      }
    },
  };
}

/**
 * Removes from an engine the names of runs that were killed: those at whose port nobody listens any more.
 * Nothing is worth an error here.
 */
export async function removeLeftNames(engine: Engine): Promise<void> {
  try {
    const signal = AbortSignal.timeout(patience);
    const left = Map.groupBy(
      await listImageNames(engine, { signal }),
      (name) => ourName.exec(name)?.[1] ?? "",
    );
    for (const [port, names] of left) {
      if (port === "" || (await listens(Number(port)))) continue;
      for (const name of names) await removeImageName(engine, name, { signal });
    }
  } catch {
    // The next run tries again.
  }
}

const ourName = new RegExp(`^127\\.0\\.0\\.1:(\\d+)/${mark}/`);

async function listens(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: "127.0.0.1", port });
  socket.once("connect", () => resolve(true));
  socket.once("error", () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}

/** What a push that failed means: an engine that is gone, or one that looks for the registry where it is not. */
function explained(error: unknown, engine: Engine, address: string): unknown {
  if (!(error instanceof HiveError)) return error;
  // The engine is the daemon: what its going away means for the run is the same.
  if (error.kind === "unreachable") {
    return new BuildkitError("lost", error.message, { cause: error });
  }
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
