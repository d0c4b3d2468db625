import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { Credentials } from "../../buildkit/solve-request.ts";
import { type Descriptor, parseDescriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Target } from "../../plan/plan.ts";
import { removeLeftNames } from "./engine-handover.ts";
import { engineToStore, howElse } from "./engine-to-store.ts";
import { findDamage } from "./find-damage.ts";
import { fitHandover } from "./fit-handover.ts";
import { type Handover, registryHandover, sessionHandover } from "./handover.ts";
import type { KnownWays } from "./known-ways.ts";
import { noWayToUs } from "./no-way-to-us.ts";
import { onceForEach } from "./once-for-each.ts";
import type { Place } from "./place.ts";
import { probeRegistry } from "./probe-registry.ts";

/** How images go from build to build: `auto` asks each daemon whether it reaches the registry in our process. */
export const handoverModes = ["auto", "registry", "session"] as const;

export type HandoverMode = (typeof handoverModes)[number];

/** The way by which a daemon gets parents and gives results; found out once, when the first target is built on it. */
export type FindHandover = (buildkit: Buildkit) => Promise<Handover>;

type HandoverOptions = {
  readonly mode: HandoverMode;
  /** Has the images that are built on. */
  readonly parents: Place;
  /** Takes those that are built. */
  readonly results: Place;
  readonly known: KnownWays;
  /** Learns that a store takes no more. */
  readonly onError: (error: Error) => void;
  /** What to show to a registry, that of `results` among them. */
  readonly credentials: (host: string) => Promise<Credentials | undefined>;
  readonly warn: (target: Target, message: string) => void;
  /** Takes what is to be cleared up at the end of the run. */
  readonly cleanup: AsyncDisposableStack;
  readonly signal: AbortSignal;
};

/** Chooses the hand-over of each daemon of a run. */
export function createHandovers(options: HandoverOptions): FindHandover {
  const { mode, parents, results, known, cleanup, signal } = options;
  const found = new Map<Buildkit, Promise<Handover>>();
  const explain: NonNullable<Handover["explain"]> = async (error) =>
    error instanceof BuildkitError && error.kind === "failed"
      ? await findDamage(parents.layout, error.message)
      : undefined;
  const byRegistry: Handover = { ...throughRegistries(parents, results), explain };
  const bySession: Handover = { ...throughSession(options), explain };

  async function session(buildkit: Buildkit): Promise<Handover> {
    const { ociLayout } = await buildkit.capabilities();
    if (ociLayout) return bySession;
    throw new HiveError(
      "failed",
      `BuildKit at ${buildkit.address} can't be given images: ${mode === "auto" ? "it doesn't reach the registry inside hive, and " : ""}it takes none over the session`,
      {
        hint: "A Docker Engine does with the containerd image store: set features.containerd-snapshotter in its daemon.json. Any buildkitd from 0.10.3 on does, too.",
      },
    );
  }

  /** What failed builds say of a daemon that reached us once, or seemed to. */
  function watched(buildkit: Buildkit): Handover {
    const own = new Set([parents, results].map(({ registry }) => registry.address));
    return {
      ...byRegistry,
      async instead(error) {
        if (!(error instanceof BuildkitError) || error.kind !== "failed") return undefined;
        const unreachable = noWayToUs(error.message);
        if (unreachable === undefined || !own.has(unreachable)) return undefined;
        const other = fitted(buildkit, session(buildkit));
        found.set(buildkit, other);
        await known.remember(buildkit, undefined);
        return await other;
      },
    };
  }

  async function choose(buildkit: Buildkit): Promise<Handover> {
    const told = known.find(buildkit);
    if (told === "registry") return watched(buildkit);
    if (told === "session") return await session(buildkit);
    const reached = await probeRegistry(buildkit, results.registry, { signal });
    // It went away meanwhile, say: whoever builds on it next asks again.
    if (reached === undefined) found.delete(buildkit);
    const handover = reached === true ? watched(buildkit) : await session(buildkit);
    if (reached !== undefined) await known.remember(buildkit, reached ? "registry" : "session");
    return handover;
  }

  /** The engine pushes by itself what its BuildKit can't, if it reaches us. */
  async function throughEngine(buildkit: Buildkit): Promise<Handover> {
    const { address, dialer } = buildkit;
    const { engine } = dialer;
    if (mode === "session" || engine === undefined) {
      throw new HiveError("failed", `BuildKit at ${address} can't export images`, {
        hint:
          engine === undefined
            ? "It seems to be that of a Docker Engine with the old image store, with which hive has to talk by itself: name it as docker://"
            : "A Docker Engine with the old image store hands images over through the registry inside hive alone: leave out --handover=session.",
      });
    }
    const isTold = mode === "registry" || known.find(buildkit) === "registry";
    const reached = await (isTold || probeRegistry(buildkit, results.registry, { signal }));
    if (reached === false) {
      throw new HiveError(
        "failed",
        `The Docker Engine at ${engine.address} can't be given images`,
        {
          hint: howElse(engine.address),
        },
      );
    }
    if (reached === true && !isTold) await known.remember(buildkit, "registry");
    await removeLeftNames(engine);
    return { ...cleanup.use(engineToStore({ ...options, engine })), explain };
  }

  async function start(buildkit: Buildkit): Promise<Handover> {
    const { exportsImages } = await buildkit.capabilities();
    return await fitted(buildkit, exportsImages ? direct(buildkit) : throughEngine(buildkit));
  }

  async function fitted(buildkit: Buildkit, finding: Promise<Handover>): Promise<Handover> {
    return await fitHandover(buildkit, await finding, options);
  }

  function direct(buildkit: Buildkit): Promise<Handover> {
    switch (mode) {
      case "registry":
        return Promise.resolve(byRegistry);
      case "session":
        return session(buildkit);
      case "auto":
        return choose(buildkit);
    }
  }

  return onceForEach(start, found);
}

function throughRegistries(parents: Place, results: Place): Handover {
  const from = registryHandover(parents.registry.address);
  const to = registryHandover(results.registry.address);
  return { ...from, exporter: (target) => to.exporter(target) };
}

function throughSession({ parents, results, onError }: HandoverOptions): Handover {
  return {
    ...sessionHandover({ parents: parents.layout, results: results.layout, onError }),
    // Another daemon may get it from the registry, which has not seen it come.
    async collect(target, { digest, response }): Promise<Digest> {
      const descriptor = describedImage(response["containerimage.descriptor"] ?? "");
      if (descriptor === undefined || descriptor.digest !== digest) {
        throw new HiveError("failed", "BuildKit said that it built, and described no image", {
          hint: "Is it a BuildKit that listens there? See its log.",
        });
      }
      await results.registry.publish(target.reference, descriptor);
      return descriptor.digest;
    },
  };
}

/** Undefined for what is none: whoever answers may be no BuildKit. */
function describedImage(text: string): Descriptor | undefined {
  try {
    return parseDescriptor(JSON.parse(atob(text)), "containerimage.descriptor");
  } catch {
    return undefined;
  }
}
