import { HiveError } from "../../../src/base/hive-error.ts";
import type { Finding, Probe, World } from "../../../src/doctor/probe.ts";

/** A machine without a project, and without a daemon. */
export const emptyWorld: World = {
  env: {},
  version: "1.2.3",
  storage: undefined,
  findAuthority: async () => undefined,
  authorityOf: async () => undefined,
  findOwn: async () => [],
  project: Promise.resolve({ kind: "absent" }),
  buildkit: Promise.resolve({
    kind: "missing",
    error: new HiveError("unreachable", "nobody there"),
  }),
};

/** What a probe that needs nothing finds there. */
export async function findings(
  probe: Probe,
  more: Partial<World> = {},
): Promise<readonly Finding[]> {
  if (probe.needs !== "nothing") throw new Error(`"${probe.name}" needs more than nothing.`);
  return await probe.run(undefined, { ...emptyWorld, ...more }, new AbortController().signal);
}
