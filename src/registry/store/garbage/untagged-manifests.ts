import type { Digest } from "../../../oci/digest.ts";
import type { GarbageRun } from "./garbage-run.ts";

/**
 * Manifests of a repository that nothing keeps: no tag, no index that is kept, no subject that is kept, and that have
 * been so for `olderThan` milliseconds. A tag keeps an index, it keeps its children, each keeps its signatures.
 *
 * An index comes before its children, a subject before what refers to it, and those only when it is among
 * `goneManifests` by then: what somebody wants after all stays whole.
 */
export async function* untaggedManifests(
  run: GarbageRun,
  repository: string,
  olderThan: number,
): AsyncGenerator<Digest> {
  const { metadata, pause, signal } = run;
  const kept = await keptManifests(run, repository, olderThan);
  const unkept = new Set<Digest>();
  for (const { digest } of metadata.manifests(repository)) {
    await pause.ifDue(signal);
    if (!kept.has(digest)) unkept.add(digest);
  }
  const holders = new Map<Digest, number>();
  for (const digest of unkept) {
    await pause.ifDue(signal);
    for (const held of heldBy(run, repository, digest)) {
      holders.set(held, (holders.get(held) ?? 0) + 1);
    }
  }
  const free = [...unkept].filter((digest) => !holders.has(digest));
  for (let next = free.pop(); next !== undefined; next = free.pop()) {
    const held = heldBy(run, repository, next);
    yield next;
    if (!run.goneManifests.has(`${repository}@${next}`)) continue;
    for (const digest of held) {
      const others = (holders.get(digest) ?? 0) - 1;
      holders.set(digest, others);
      if (others === 0 && unkept.has(digest)) free.push(digest);
    }
  }
}

async function keptManifests(
  run: GarbageRun,
  repository: string,
  olderThan: number,
): Promise<ReadonlySet<Digest>> {
  const { metadata, pause, signal } = run;
  const kept = new Set<Digest>();
  const latest = Date.now() - olderThan;
  for (const { digest } of metadata.manifests(repository)) {
    await pause.ifDue(signal);
    const since = metadata.untaggedSince(repository, digest);
    if (since === undefined || since > latest || !run.isExpired(digest)) kept.add(digest);
  }
  const pending = [...kept];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    await pause.ifDue(signal);
    for (const digest of heldBy(run, repository, next)) {
      if (kept.has(digest)) continue;
      kept.add(digest);
      pending.push(digest);
    }
  }
  return kept;
}

/** Manifests that are there because another one is: children of an index, and what refers to it. */
function heldBy({ metadata }: GarbageRun, repository: string, digest: Digest): readonly Digest[] {
  const content = metadata.findManifest(repository, digest)?.content ?? [];
  return [
    ...content.filter((part) => metadata.findManifest(repository, part) !== undefined),
    ...metadata.referrers(repository, digest).map((referrer) => referrer.digest),
  ];
}
