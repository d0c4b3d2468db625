import type { TypedAttrs } from "../../buildkit/solve-request.ts";
import type { Plan } from "../../plan/plan.ts";

/** What hive.yml says of caches. */
export type CacheSettings = NonNullable<Plan["cache"]>;

/** What a build imports its cache from and exports it to. */
export type CacheEntries = {
  readonly imports: readonly TypedAttrs[];
  readonly exports: readonly TypedAttrs[];
};

/** Neither read nor written. */
export const noEntries: CacheEntries = { imports: [], exports: [] };

/**
 * What every export is told: to keep the layers of all stages, and that the build goes on when it fails. The daemon
 * knows "ignore-error" in this spelling only, and takes any other without a word.
 */
export const exportAttrs = { mode: "max", "ignore-error": "true" } as const;

/** Bytes of a name that stay when it is too long. */
const keptLength = 100;

/** A scope as a tag, a file name or a key: `team/app.1.linux-amd64` has a slash, and tags end at 128 characters. */
export function scopeName(scope: string, limit = 128): string {
  const name = scope.replaceAll("/", "__");
  if (name.length <= limit) return name;
  const digest = new Bun.CryptoHasher("sha256").update(scope).digest("hex").slice(0, 16);
  return `${name.slice(0, Math.min(keptLength, limit - 17))}-${digest}`;
}
