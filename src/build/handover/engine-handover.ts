import { connect } from "node:net";
import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Credentials } from "../../buildkit/solve-request.ts";
import type { Engine } from "../../docker/engine.ts";
import { listImageNames, removeImageName } from "../../docker/image-names.ts";
import { type EngineName, pushImage } from "../../docker/push-image.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Target } from "../../plan/plan.ts";
import type { Handover } from "./handover.ts";

type EngineOptions = {
  readonly engine: Engine;
  /** How it gets what is built on. */
  readonly parents: Handover;
  /** The registry that it pushes to: `127.0.0.1:5000`. */
  readonly host: string;
  /** The name under which a target is pushed. */
  readonly nameOf: (target: Target) => EngineName;
  /** Takes what was pushed, with Docker's media types. @returns the image's digest where others find it */
  readonly keep: (target: Target, pushed: Digest) => Promise<Digest>;
  /** What a push that failed means. */
  readonly explain: (error: unknown) => Promise<unknown>;
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  readonly signal: AbortSignal;
};

export type EngineHandover = Handover & AsyncDisposable;

/** In front of the names that images have in the engine for a run alone: what it is, should one ever be left. */
export const runMark = "hive-run";

/** Milliseconds for the engine to forget a name. */
const patience = 10_000;

/**
 * Hand-over for a Docker Engine with the old image store. Its BuildKit can't push: the engine itself does, from its store to
 * a registry, and then forgets the image's name there. Parents are pulled as usual.
 *
 * Disposing takes away what builds that ended in between may have left.
 */
export function engineHandover(options: EngineOptions): EngineHandover {
  const { engine, parents, host, nameOf, keep, explain, credentials, signal } = options;
  /** Names that the engine may have. */
  const open = new Set<string>();

  async function forget(name: string): Promise<void> {
    await removeImageName(engine, name, { signal: AbortSignal.timeout(patience) });
    open.delete(name);
  }

  return {
    ...parents,
    exporter(target) {
      const { repository, tag } = nameOf(target);
      const name = `${repository}:${tag}`;
      open.add(name);
      return { type: "moby", attrs: { name } };
    },
    async collect(target) {
      const name = nameOf(target);
      try {
        const credential = await credentials(host);
        return await keep(target, await pushImage(engine, name, { credential, signal }));
      } catch (error) {
        // The engine is the daemon: what its going away means for the run is the same.
        if (error instanceof HiveError && error.kind === "unreachable") {
          throw new BuildkitError("lost", error.message, { cause: error });
        }
        throw await explain(error);
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

const ourName = new RegExp(`^127\\.0\\.0\\.1:(\\d+)/${runMark}/`);

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
