import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import { createMemoryTree } from "../../buildkit/memory-tree.ts";
import { runnablePlatforms } from "../../buildkit/runnable-platforms.ts";
import { solve } from "../../buildkit/solve.ts";
import type { RegistryServer } from "../../registry/serve-registry.ts";

/** Whether a daemon reaches us; undefined when it did not come to a try. */
export type Reached = boolean | undefined;

type ProbeOptions = {
  readonly signal: AbortSignal;
  /** Milliseconds in all. */
  readonly timeout?: number;
};

/**
 * Has a daemon ask the registry in our process for something. What counts is what came to us, not what the daemon says: another
 * may listen at the same port over there.
 * @throws the signal's reason
 */
export async function probeRegistry(
  buildkit: Buildkit,
  registry: RegistryServer,
  { signal, timeout = 5_000 }: ProbeOptions,
): Promise<Reached> {
  using invitation = registry.invite();
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal, AbortSignal.timeout(timeout)]);
  const asking = ask(buildkit, invitation.url, stop);
  try {
    return await Promise.race([invitation.accepted.then(() => true), asking]);
  } finally {
    over.abort();
    // Also when we know already: a build that is not over would be in the way of the next.
    await asking;
    signal.throwIfAborted();
  }
}

/** False when the daemon tried and could not; a yes would have come to us by then. */
async function ask(buildkit: Buildkit, url: string, signal: AbortSignal): Promise<Reached> {
  const [platform = { os: "linux", architecture: "amd64" }] = runnablePlatforms(buildkit);
  try {
    await solve(
      buildkit,
      {
        dockerfile: {
          name: "Dockerfile",
          // The daemon itself gets it, in its own network; a step would have one of its own.
          bytes: new TextEncoder().encode(`FROM scratch\nADD ${url} /\n`),
        },
        context: createMemoryTree([], 0n),
        sharedKey: "hive probe",
        platform,
        // Another exporter may not be there. It writes nothing: the build fails before, however it goes.
        exporter: { type: "local", attrs: {} },
      },
      { signal },
    );
    return undefined;
  } catch (error) {
    return error instanceof BuildkitError && error.kind === "failed" ? false : undefined;
  }
}
