import { HiveError } from "../../base/hive-error.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Target, TargetId } from "../../plan/plan.ts";
import type { UntimedEvent } from "../../progress/event.ts";
import type { BuildNode } from "./build-node.ts";
import type { FindHandover } from "../handover/create-handovers.ts";
import type { Handover } from "../handover/handover.ts";
import type { BuiltImage } from "../target/build-target.ts";
import type { NodePool } from "./node-pool.ts";

/** Where a target is built. */
export type BuildPlace = Pick<BuildNode, "buildkit"> & {
  readonly handover: Handover;
  /** 1, 2, ...: what was before was lost, and counts no more. */
  readonly attempt: number;
};

/**
 * Runs a build on the node that suits the target best, and once more on whichever does then when the node was lost meanwhile.
 * @param needs what the target builds on
 * @throws what the last attempt threw; BuildkitError when there is no node left, or the run ends
 */
export type OnNode = <T>(
  target: Target,
  needs: ReadonlyMap<TargetId, BuiltImage>,
  task: (place: BuildPlace) => Promise<T>,
) => Promise<T>;

type NodesOptions = {
  readonly pool: NodePool;
  readonly findHandover: FindHandover;
  readonly emit: (event: UntimedEvent) => void;
  readonly signal: AbortSignal;
};

/** How often a target is built again after its node was lost: it may be the target that kills them. */
const mostLosses = 2;

/** How often a target is built again after something on the way broke off. */
const mostHiccups = 1;

/** Spreads the targets of a run over its nodes. */
export function createOnNode({ pool, findHandover, emit, signal }: NodesOptions): OnNode {
  return async (target, needs, task) => {
    const parents = [...needs.values()].map((image) => image.target);
    const avoid = new Set<BuildNode>();
    const left = { losses: mostLosses, hiccups: mostHiccups };
    for (let attempt = 1; ; attempt++) {
      using permit = await pool.acquire(target, { parents, avoid });
      const { node } = permit;
      const { buildkit } = node;
      try {
        const handover = await handoverOf(findHandover, node);
        return await task({ buildkit, handover, attempt });
      } catch (error) {
        if (signal.aborted || !(error instanceof BuildkitError)) throw error;
        const isLost = error.kind === "lost" || error.kind === "unreachable";
        if (isLost) pool.lost(node, error.message);
        const isAgain = isLost
          ? left.losses-- > 0
          : error.kind === "failed" && error.transient && left.hiccups-- > 0;
        if (!isAgain) throw error;
        avoid.add(node);
        emit({
          type: "target.retry",
          target: target.id,
          node: buildkit.address,
          reason: error.message,
        });
      }
    }
  };
}

async function handoverOf(findHandover: FindHandover, { buildkit }: BuildNode): Promise<Handover> {
  try {
    return await findHandover(buildkit);
  } catch (error) {
    if (!(error instanceof HiveError) || error.kind !== "unreachable") throw error;
    throw new BuildkitError("unreachable", error.message, { cause: error });
  }
}
