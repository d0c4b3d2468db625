import { errorMessage } from "../../base/error-message.ts";
import { BuildkitError } from "../../buildkit/buildkit-error.ts";
import type { Target } from "../../plan/plan.ts";
import type { BuildNode } from "./build-node.ts";
import { nodesFor } from "./choose-nodes.ts";
import { type AskNode, awaitReturn, type ReturnLimits, usualLimits } from "./node-return.ts";

/** A node that a target has for itself to be built on. Disposing makes room for the next. */
export type NodePermit = Disposable & { readonly node: BuildNode };

type Request = {
  /** What the target builds on. */
  readonly parents: Iterable<Target>;
  /** Where it was lost before: only where there is room nowhere else. */
  readonly avoid: ReadonlySet<BuildNode>;
};

/** The nodes of a run, and who waits for them. Disposing ends what it does in the background. */
export type NodePool = Disposable & {
  /**
   * Waits for room on a node that suits, in the order of asking.
   * @throws BuildkitError "canceled" when the run ends, "lost" when all nodes that suit are away for too long
   */
  acquire(target: Target, request: Request): Promise<NodePermit>;
  /** Notes that a node did not do as it should: nothing goes to it until it answers again. */
  lost(node: BuildNode, reason: string): void;
};

type PoolOptions = {
  /** At least one. */
  readonly nodes: readonly BuildNode[];
  /** How many targets are built at a time, on all together. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly limits?: ReturnLimits;
  /** Default: asks the daemon. For tests. */
  readonly ask?: AskNode;
};

type Slot = {
  readonly node: BuildNode;
  running: number;
  away: { reason: string; overdue: boolean } | undefined;
};

type Waiter = {
  readonly groups: readonly (readonly Slot[])[];
  readonly avoid: Request["avoid"];
  readonly enter: (slot: Slot) => void;
  readonly leave: (error: Error) => void;
};

/** Gives out room on nodes: the best that suit a target, and of those the one with the least to do. */
export function createNodePool(options: PoolOptions): NodePool {
  const { jobs, limits = usualLimits, ask } = options;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const slots = options.nodes.map((node): Slot => ({ node, running: 0, away: undefined }));
  const slotOf = new Map(slots.map((slot) => [slot.node, slot]));
  const waiting = new Set<Waiter>();
  let running = 0;

  function dispatch(): void {
    // A Set leaves out what is deleted while it is gone through.
    for (const waiter of waiting) {
      const present = waiter.groups.find((group) => group.some(({ away }) => away === undefined));
      if (present !== undefined) {
        const slot = running < jobs ? leastLoaded(present, waiter.avoid) : undefined;
        if (slot === undefined) continue;
        waiting.delete(waiter);
        waiter.enter(slot);
      } else if (waiter.groups.flat().every(({ away }) => away?.overdue === true)) {
        waiting.delete(waiter);
        waiter.leave(notBack(waiter.groups.flat(), limits));
      }
    }
  }

  function leastLoaded(group: readonly Slot[], avoid: Request["avoid"]): Slot | undefined {
    const load = ({ node, running: count }: Slot): number => count / (node.maxParallel ?? jobs);
    const free = group.filter((slot) => slot.away === undefined && load(slot) < 1);
    const fresh = free.filter(({ node }) => !avoid.has(node));
    return (fresh.length > 0 ? fresh : free).toSorted((a, b) => load(a) - load(b))[0];
  }

  function permitFor(slot: Slot): NodePermit {
    let held = true;
    slot.running += 1;
    running += 1;
    return {
      node: slot.node,
      [Symbol.dispose]() {
        if (!held) return;
        held = false;
        slot.running -= 1;
        running -= 1;
        dispatch();
      },
    };
  }

  async function recover(slot: Slot, away: NonNullable<Slot["away"]>): Promise<void> {
    const isBack = await awaitReturn(slot.node, {
      limits,
      signal,
      ...(ask === undefined ? {} : { ask }),
      isBusy: () => slot.running > 0,
      onOverdue() {
        away.overdue = true;
        dispatch();
      },
      onRefusal(error) {
        away.reason = errorMessage(error);
      },
    });
    if (!isBack) return;
    slot.away = undefined;
    dispatch();
  }

  function lost(node: BuildNode, reason: string): void {
    const slot = slotOf.get(node);
    if (slot === undefined || slot.away !== undefined || signal.aborted) return;
    slot.away = { reason, overdue: false };
    void recover(slot, slot.away);
  }

  /** A daemon that dies while it has nothing to do gets nothing. */
  async function watch({ node }: Slot): Promise<void> {
    const error = await node.buildkit.closed;
    const because = error === undefined ? "it closed the connection" : error.message;
    lost(node, `The connection to BuildKit was lost: ${because}`);
  }
  for (const slot of slots) void watch(slot);

  return {
    lost,
    async acquire(target, { parents, avoid }) {
      throwIfCanceled(signal);
      const groups = nodesFor(options.nodes, target, parents).map((group) =>
        group.flatMap((node) => slotOf.get(node) ?? []),
      );
      const { promise, resolve, reject } = Promise.withResolvers<NodePermit>();
      const waiter: Waiter = {
        groups,
        avoid,
        enter: (slot) => resolve(permitFor(slot)),
        leave: reject,
      };
      const cancel = (): void => {
        waiting.delete(waiter);
        reject(canceled(signal));
      };
      signal.addEventListener("abort", cancel, { once: true });
      waiting.add(waiter);
      dispatch();
      try {
        return await promise;
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    [Symbol.dispose]: () => end.abort(),
  };
}

function notBack(slots: readonly Slot[], { patience }: ReturnLimits): BuildkitError {
  const addresses = slots.map(({ node }) => node.buildkit.address).join(", ");
  const reason = slots.find(({ away }) => away !== undefined)?.away?.reason;
  const message =
    slots.length === 0
      ? "No BuildKit is left that may build this"
      : `${reason ?? "BuildKit went away"}; ${addresses} did not come back within ${patience / 1000} s`;
  return new BuildkitError("lost", message);
}

function canceled(signal: AbortSignal): BuildkitError {
  return new BuildkitError("canceled", "The build was canceled", { cause: signal.reason });
}

function throwIfCanceled(signal: AbortSignal): void {
  if (signal.aborted) throw canceled(signal);
}
