import { hostname } from "node:os";
import type { ContextSources } from "../plan/plan.ts";

/** Whose files they are: two machines, or two users, may have different files under one path. */
export type ContextOwner = { readonly host: string; readonly user: string };

/**
 * The shared key under which the daemon keeps the last snapshot of a context, to ask only for what changed.
 * The daemon compares sizes, times and modes, never contents: so the key must differ wherever the same path may mean
 * other files, and stay the same for the same ones. It is a digest of owner, kind and all paths that make the context.
 * `kind` parts trees made of the same paths, as `context` and `dockerfile`.
 */
export function contextKey(
  sources: ContextSources,
  kind: string,
  owner: ContextOwner = currentOwner(),
): string {
  const { directory, dockerfile, rootfs, exclude } = sources;
  const parts = [owner.host, owner.user, kind, directory, dockerfile, rootfs, exclude];
  return new Bun.CryptoHasher("sha256").update(JSON.stringify(parts)).digest("hex");
}

function currentOwner(): ContextOwner {
  return { host: hostname(), user: String(process.getuid?.() ?? "") };
}
