/** The keys that a cache of each type needs. */
export const requiredCacheKeys = {
  s3: ["bucket", "region"],
  registry: ["ref"],
  local: ["path"],
  gha: [],
  inline: [],
} as const;

export type CacheType = keyof typeof requiredCacheKeys;
