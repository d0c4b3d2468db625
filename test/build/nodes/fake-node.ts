import type { BuildNode } from "../../../src/build/nodes/build-node.ts";
import type { Buildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { parsePlatform } from "../../../src/oci/platform.ts";

type FakeNode = {
  /** What the daemon says that it runs, its own first. Default: linux/amd64. */
  readonly runs?: readonly string[];
  /** What its settings list. */
  readonly listed?: readonly string[];
  readonly maxParallel?: number;
  readonly closed?: Promise<Error | undefined>;
};

/** A node without a daemon, for those who only choose between nodes. */
export function fakeNode(address: string, options: FakeNode = {}): BuildNode {
  const { runs = ["amd64"], listed = [], maxParallel, closed = new Promise(() => {}) } = options;
  const buildkit: Partial<Buildkit> = {
    address,
    version: "v1",
    workers: [{ id: "w", labels: {}, platforms: runs.map(parsePlatform), gcPolicies: [] }],
    closed,
  };
  return {
    buildkit: buildkit as Buildkit,
    platforms: listed.map(parsePlatform),
    ...(maxParallel === undefined ? {} : { maxParallel }),
  };
}
