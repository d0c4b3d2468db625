import { mapLimited } from "../base/map-limited.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import { compareInputs, type InputChange } from "./compare-inputs.ts";
import type { InputStore } from "./input-store.ts";
import { contextRequest, readInputs } from "./read-inputs.ts";
import { inputKey } from "./target-inputs.ts";

/**
 * What a build would do with a target: nothing, build what changed, build what never was, or ask BuildKit, which may find
 * all of it in its cache.
 */
export type TargetStatus = {
  readonly status: "unchanged" | "changed" | "new" | "unknown";
  /** Of its inputs; absent where they do not tell all, or a parent must be built first. */
  readonly key?: string;
  /** Milliseconds since 1970 of its last build. */
  readonly built?: number;
  /** Since its last build. */
  readonly changes: readonly InputChange[];
  /** What else speaks against taking the image of its last build. */
  readonly reasons: readonly string[];
};

export type StatusOptions = {
  readonly store: InputStore;
  /** Whether an image is in the store. */
  readonly hasImage: (digest: Digest) => boolean;
  readonly basesOf: (target: Target) => Promise<ReadonlyMap<string, Digest>>;
  /** The exporter's settings. */
  readonly exporter: Readonly<Record<string, string>>;
  /** The daemon's own platform. */
  readonly native: Platform;
};

/**
 * Compares every target with its last build, without asking a daemon: its version is taken to be that of then.
 * @throws as ContextReader.read does
 */
export async function targetStatuses(
  plan: Plan,
  options: StatusOptions,
): Promise<ReadonlyMap<TargetId, TargetStatus>> {
  const { contexts, ignore } = options.store;
  // All at once: what can't be read is told when its target's turn comes.
  await mapLimited(plan.targets, 16, async (target) =>
    contexts.read(contextRequest(target, ignore(target.context.dockerfile))).catch(() => undefined),
  );
  const found = new Map<TargetId, Found>();
  for (const target of plan.targets) {
    const status = await statusOf(target, found, options).catch(unreadable);
    found.set(target.id, { digest: undefined, ...status, dockerfile: target.dockerfile.text });
  }
  return found;
}

/** Patterns that can't be read: BuildKit says so when it builds. */
function unreadable(error: unknown): TargetStatus {
  if (!(error instanceof SyntaxError)) throw error;
  return { status: "unknown", changes: [], reasons: [error.message] };
}

type Found = TargetStatus & { readonly digest: Digest | undefined; readonly dockerfile: string };

async function statusOf(
  target: Target,
  found: ReadonlyMap<TargetId, Found>,
  { store, hasImage, basesOf, exporter, native }: StatusOptions,
): Promise<TargetStatus & { readonly digest?: Digest }> {
  const { records, texts } = store;
  const record = records.find(target.id);
  const { inputs, content, volatile } = await readInputs(target, {
    contexts: store.contexts,
    parents: (id) => found.get(id),
    bases: await basesOf(target),
    ignore: store.ignore(target.context.dockerfile),
    exporter,
    frontend: (record ?? records.newest())?.inputs.frontend ?? "",
    native,
  });
  const isComplete = inputs.parents.every(({ digest }) => digest !== undefined);
  const key = volatile.length === 0 && isComplete ? { key: inputKey(inputs) } : {};
  const digest = key.key === undefined ? undefined : records.findKey(key.key);
  const built = record === undefined ? {} : { built: record.time };
  if (digest !== undefined && hasImage(digest)) {
    return { status: "unchanged", ...key, ...built, changes: [], reasons: [], digest };
  }
  if (record === undefined) {
    return { status: "new", ...key, changes: [], reasons: ["never built", ...volatile] };
  }
  // What nobody could tell is among the reasons.
  const named = new Set(target.externals.map(({ reference }) => reference));
  const changes = compareInputs(record.inputs, inputs, {
    before: (text) => texts.find(text),
    dockerfile: target.dockerfile.text,
    listing: content.listing,
  }).filter((change) => change.kind !== "base" || "to" in change || !named.has(change.name));
  const reasons = [...volatile];
  if (!hasImage(record.digest)) reasons.push("its image is no longer in the store");
  else if (changes.length === 0 && reasons.length === 0)
    reasons.push("its files changed while it was built");
  // What a parent that BuildKit is asked about becomes nobody knows yet: perhaps the same.
  const isOpen = changes.every(
    ({ kind, ...change }) => kind === "parent" && "name" in change && isUnknown(change.name, found),
  );
  const isAsked = volatile.length > 0 || changes.length > 0;
  const status = isOpen && isAsked && hasImage(record.digest) ? "unknown" : "changed";
  return { status, ...key, ...built, changes, reasons };
}

function isUnknown(target: string, found: ReadonlyMap<string, Found>): boolean {
  return found.get(target)?.status === "unknown";
}
