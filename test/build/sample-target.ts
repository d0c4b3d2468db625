import { parsePlatform } from "../../src/oci/platform.ts";
import type { Dependency, Target, TargetId } from "../../src/plan/plan.ts";

/** A target named `name:1` for linux/amd64; `more` replaces what a test is about. */
export function sampleTarget(name: string, more: Partial<Target> = {}): Target {
  return {
    id: `${name}:1 linux/amd64` as TargetId,
    name,
    tag: "1",
    reference: `${name}:1`,
    platform: parsePlatform("linux/amd64"),
    listedPlatforms: [],
    requested: true,
    dockerfile: { file: `images/${name}/Dockerfile`, text: "FROM scratch\n" },
    context: {
      directory: "/nowhere",
      dockerfile: "/nowhere/Dockerfile",
      rootfs: [],
      exclude: [],
      rendered: {},
    },
    buildArgs: {},
    labels: {},
    secrets: [],
    settings: { contexts: {}, ssh: {}, noCache: false, pull: false, entitlements: [] },
    cacheScopes: { own: `${name}.1.linux-amd64`, siblings: [] },
    externals: [],
    dependencies: [],
    ...more,
  };
}

/** The edge that `__hive__/reference` in a Dockerfile makes. */
export function sampleDependency(target: Target, reference?: string): Dependency {
  const place = { file: "Dockerfile", line: 1, column: 1 };
  return { target: target.id, ...(reference === undefined ? {} : { reference }), place };
}
