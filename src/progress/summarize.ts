import { printableLines } from "../base/printable.ts";
import type { Digest } from "../oci/digest.ts";
import { criticalPath } from "./critical-path.ts";
import type { CacheBytes, EventOf } from "./event.ts";
import { rerunCommand } from "./render-failure.ts";
import type { RunState, TargetState } from "./run-state.ts";
import { formatStepName } from "./step-name.ts";

/** What came of a run, as plain data: `hive build --json` prints it. Durations are milliseconds, sizes bytes. */
export type RunSummary = {
  readonly ok: boolean;
  readonly duration: number;
  /** The BuildKits that it was built on. */
  readonly nodes: readonly NodeSummary[];
  readonly targets: readonly TargetSummary[];
  /** What stands at a registry for references and aliases, where the images were pushed. */
  readonly names?: readonly NameSummary[];
  /** The steps that took longest, the longest first. */
  readonly slowest: readonly SlowStep[];
  /** The chain of targets, each needing the one before, whose durations add up to the most. */
  readonly criticalPath: { readonly targets: readonly string[]; readonly duration: number };
};

/** What came of one target. */
export type TargetSummary = {
  readonly id: string;
  readonly reference: string;
  readonly platform: string;
  /** The address of the BuildKit that built it, when there were several. */
  readonly node?: string;
  /** "pending": the run ended before its turn. */
  readonly status: "built" | "cached" | "unchanged" | "failed" | "skipped" | "canceled" | "pending";
  readonly digest?: Digest;
  readonly size?: number;
  /** What was read from and written to the build cache. */
  readonly cache?: CacheBytes;
  /** The name that it has at a registry. */
  readonly pushed?: string;
  readonly duration?: number;
  /** Why it was skipped, or the message it failed with. */
  readonly reason?: string;
  /** The command that builds it again, when it failed. */
  readonly again?: string;
};

/** A name at a registry: of an index, of an image of one platform, or an alias of another name. */
export type NameSummary = {
  /** `registry.example.com/team/base:1.0`. */
  readonly name: string;
  readonly digest: Digest;
  readonly of?: string;
  readonly platforms: readonly string[];
  /** Whether it did not stand for it before. */
  readonly changed: boolean;
};

type NodeSummary = {
  readonly address: string;
  readonly version: string;
  readonly platforms: readonly string[];
};

type SlowStep = { readonly target: string; readonly step: string; readonly duration: number };

const slowestSteps = 3;

/** What the events of a run come to; without `run.end` it counts as failed. */
export function summarize(state: RunState): RunSummary {
  const targets = [...state.targets.values()];
  return {
    ok: state.end?.ok ?? false,
    duration: state.end?.duration ?? 0,
    nodes: state.nodes.map(({ address, version, platforms }) => ({ address, version, platforms })),
    targets: targets.map(summarizeTarget),
    ...(targets.some(isPushed) ? { names: state.names.map(summarizeName) } : {}),
    slowest: slowestOf(targets),
    criticalPath: criticalPath(targets),
  };
}

function isPushed({ status }: TargetState): boolean {
  return "pushed" in status;
}

function summarizeName({ name, digest, of, platforms, changed }: EventOf<"named">): NameSummary {
  return { name, digest, ...(of === undefined ? {} : { of }), platforms, changed };
}

function summarizeTarget(target: TargetState): TargetSummary {
  const { id, reference, platform, status } = target;
  const base = {
    id,
    reference,
    platform,
    ...(target.node === undefined ? {} : { node: target.node }),
  };
  switch (status.kind) {
    case "waiting":
    case "running":
      return { ...base, status: "pending" };
    case "built":
    case "cached":
    case "unchanged": {
      const { digest, size, duration, cache, pushed } = status;
      const moved = cache === undefined ? {} : { cache };
      const name = pushed === undefined ? {} : { pushed };
      return { ...base, status: status.kind, digest, size, ...moved, ...name, duration };
    }
    case "failed": {
      const reason = printableLines(status.event.message.trim()).join("\n");
      const again = rerunCommand(target);
      return { ...base, status: "failed", duration: status.duration, reason, again };
    }
    case "canceled":
      return { ...base, status: "canceled", duration: status.duration };
    case "skipped":
      return { ...base, status: "skipped", reason: status.because };
  }
}

function slowestOf(targets: readonly TargetState[]): SlowStep[] {
  const steps = targets.flatMap((target) =>
    [...target.steps.values()]
      .filter((step) => step.status === "done" || step.status === "failed")
      .map((step) => ({
        target: target.id,
        step: formatStepName(step.name),
        duration: step.duration,
      })),
  );
  return steps.toSorted((a, b) => b.duration - a.duration).slice(0, slowestSteps);
}
