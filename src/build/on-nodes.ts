import type { Target } from "../plan/plan.ts";
import type { BuildNode } from "./build-node.ts";
import type { FindHandover } from "./create-handovers.ts";
import type { Handover } from "./handover.ts";

/** Where a target is built. */
export type BuildPlace = Pick<BuildNode, "buildkit"> & { readonly handover: Handover };

/** Runs a build on the node that suits the target. */
export type OnNode = <T>(target: Target, task: (place: BuildPlace) => Promise<T>) => Promise<T>;

type NodesOptions = {
  /** At least one. */
  readonly nodes: readonly BuildNode[];
  readonly findHandover: FindHandover;
};

/** Spreads the targets of a run over its nodes. */
export function createOnNode({ nodes, findHandover }: NodesOptions): OnNode {
  return async (_target, task) => {
    const [node] = nodes;
    if (node === undefined) throw new Error("Internal error: no node");
    const { buildkit } = node;
    return await task({ buildkit, handover: await findHandover(buildkit) });
  };
}
