import { readIgnore } from "../context/read-ignore.ts";
import type { Digest } from "../oci/digest.ts";
import type { Platform } from "../oci/platform.ts";
import { needsOf } from "../plan/needs-of.ts";
import type { Plan, Target, TargetId } from "../plan/plan.ts";
import { compareInputs, type InputChange } from "./compare-inputs.ts";
import { type ContextReader, createContextReader } from "./context-reader.ts";
import { parseListing } from "./parse-listing.ts";
import { type ReadInputs, readInputs } from "./read-inputs.ts";

/** A target that does not come out as it did. */
export type AffectedTarget = {
  readonly target: Target;
  /** What it is made of changed, or only what it builds on. */
  readonly kind: "new" | "changed" | "dependent";
  readonly changes: readonly InputChange[];
  /** What it builds on that is affected. */
  readonly because: readonly TargetId[];
};

/**
 * Compares two states of a project, both on disk, as git would: of files it counts what is in them, where links lead and
 * whether they are executable, but no other modes, no times, and no empty directories.
 * @param before undefined: everything is new
 * @throws HiveError what a context throws that can't be read
 */
export async function affectedTargets(
  before: Plan | undefined,
  now: Plan,
  { native }: { readonly native: Platform },
): Promise<AffectedTarget[]> {
  const contexts = createContextReader(undefined);
  const old = new Map(before?.targets.map((target) => [target.id, target]));
  const affected = new Map<TargetId, AffectedTarget>();
  for (const target of now.targets) {
    const because = [...needsOf(target)].filter((id) => affected.has(id));
    const previous = old.get(target.id);
    const changes =
      previous === undefined ? [] : await changesOf(previous, target, { contexts, native });
    const kind =
      previous === undefined
        ? "new"
        : changes.length > 0
          ? "changed"
          : because.length > 0
            ? "dependent"
            : undefined;
    if (kind !== undefined) affected.set(target.id, { target, kind, changes, because });
  }
  return [...affected.values()];
}

type Options = { readonly contexts: ContextReader; readonly native: Platform };

async function changesOf(
  before: Target,
  now: Target,
  options: Options,
): Promise<readonly InputChange[]> {
  const [old, current] = [await read(before, options), await read(now, options)];
  const texts = new Map<Digest, () => string>([
    [old.inputs.dockerfile, () => before.dockerfile.text],
    [old.inputs.context, () => asInGit(old.content.listing())],
  ]);
  return compareInputs(old.inputs, current.inputs, {
    before: (digest) => texts.get(digest)?.(),
    dockerfile: now.dockerfile.text,
    listing: () => asInGit(current.content.listing()),
  });
}

async function read(target: Target, { contexts, native }: Options): Promise<ReadInputs> {
  const pins = target.externals.flatMap(({ reference, digest }) =>
    digest === undefined ? [] : [[reference, digest] as const],
  );
  return await readInputs(
    // With an epoch no file's time counts.
    { ...target, epoch: 0, context: { ...target.context, tracked: true } },
    {
      contexts,
      parents: () => undefined,
      bases: new Map(pins),
      ignore: readIgnore(target.context.dockerfile),
      exporter: {},
      frontend: "",
      native,
    },
  );
}

/** A listing of files and links, with the modes that git knows. */
function asInGit(listing: string): string {
  return parseListing(listing)
    .filter(([, type]) => type !== "directory")
    .map(([path, type, mode, value]) => {
      const known = type === "symlink" ? 0o777 : (mode & 0o100) === 0 ? 0o644 : 0o755;
      return JSON.stringify([path, type, known, value]);
    })
    .join("\n");
}
