/** Stamped by scripts/compile.ts; a run from source says so. */
export const version = process.env.HIVE_VERSION_STAMP ?? "0.0.0-source";
