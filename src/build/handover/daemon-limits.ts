import { HiveError } from "../../base/hive-error.ts";
import type { Capabilities } from "../../buildkit/capabilities.ts";
import type { Buildkit } from "../../buildkit/connect-buildkit.ts";
import type { BuildRequest } from "../../buildkit/solve-request.ts";
import type { Target } from "../../plan/plan.ts";
import { readJsonAnswer } from "../../docker/read-answer.ts";

/** Makes of a request what a daemon can build, or throws a HiveError that says why it can't. */
export type FitRequest = (target: Target, request: BuildRequest) => BuildRequest;

type LimitsOptions = {
  /** As people know it: `Docker Engine 20.10.24`. */
  readonly daemon: string;
  readonly warn: (target: Target, message: string) => void;
};

/**
 * What must be left out of builds on a daemon that can't do everything. What is only worth less without it is told once; what
 * a build needs is an error before it begins.
 */
export function fitToDaemon(
  can: Pick<Capabilities, "namedContexts" | "exportsCache" | "exportsImages">,
  { daemon, warn }: LimitsOptions,
): FitRequest {
  const told = new Set<string>();
  function tell(target: Target, message: string): void {
    if (told.has(message)) return;
    told.add(message);
    warn(target, message);
  }

  return (target, request) => {
    let fitting = request;
    if (!can.exportsImages && target.epoch !== undefined) {
      tell(
        target,
        `Images of ${daemon} are not reproducible: its old image store keeps the times of files that steps make`,
      );
    }
    const { cacheExports = [] } = request;
    if (!can.exportsCache && cacheExports.some(({ type }) => type !== "inline")) {
      const kept = cacheExports.filter(({ type }) => type === "inline");
      fitting = { ...fitting, cacheExports: kept };
      tell(
        target,
        `Nothing is written to the build cache: ${daemon} only writes caches of type inline, with its old image store`,
      );
    }
    if (!can.namedContexts) fitting = withoutNames(target, fitting);
    return fitting;
  };

  function withoutNames(target: Target, request: BuildRequest): BuildRequest {
    const { namedContexts = {}, localContexts = new Map() } = request;
    const parents = target.dependencies.flatMap(({ reference }) => reference ?? []);
    const named = [...Object.keys(target.settings.contexts), ...localContexts.keys()];
    if (parents.length + named.length > 0) {
      const reason =
        parents.length > 0
          ? `it is built on ${list(parents)}, an image of this project`
          : `it names the context ${list(named)}`;
      throw new HiveError(
        "failed",
        `${daemon} can't build ${target.reference}: ${reason}, and this daemon's Dockerfile frontend does not know named contexts`,
        { hint: newerDaemon },
      );
    }
    if (Object.keys(namedContexts).length > 0) {
      tell(
        target,
        `${daemon} pulls images from elsewhere by tag, not by the digest that hive found: its Dockerfile frontend does not know named contexts`,
      );
    }
    return { ...request, namedContexts: {} };
  }
}

const newerDaemon =
  "Named contexts came with BuildKit 0.10, which is in Docker Engine 23: update it, or build on a BuildKit of its own: hive dev buildkitd start";

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => `"${name}"`).join(", ");
}

/** How people know a daemon: its own word on its version helps little where it is part of a Docker Engine. */
export async function describeDaemon(
  { address, version, dialer: { engine } }: Buildkit,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  if (engine === undefined) return `BuildKit ${version} at ${address}`;
  const response = await engine.request("/version", { signal });
  const { Version } = (response.ok ? await readJsonAnswer(response) : {}) as {
    readonly Version?: unknown;
  };
  return `Docker Engine ${typeof Version === "string" ? Version : "of an unknown version"}`;
}
