import type { Version } from "../value.ts";

const shape =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Reads a version; minor and patch may be missing, and a "v" may stand before. @throws Error */
export function parseVersion(text: string): Version {
  const match = text.length > 256 ? null : shape.exec(text);
  if (match === null) throw new Error("Invalid Semantic Version");
  const [, major = "0", minor = "0", patch = "0", prerelease = "", metadata = ""] = match;
  if (prerelease.split(".").some((part) => /^0\d+$/.test(part))) {
    throw new Error("Version segment starts with 0");
  }
  return {
    kind: "version",
    original: text,
    major: BigInt(major),
    minor: BigInt(minor),
    patch: BigInt(patch),
    prerelease,
    metadata,
  };
}

/** Their order: below 0, 0 or above 0. Metadata does not count. */
export function compareVersions(a: Version, b: Version): -1 | 0 | 1 {
  for (const part of ["major", "minor", "patch"] as const) {
    if (a[part] !== b[part]) return a[part] < b[part] ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === "") return 1;
  if (b.prerelease === "") return -1;
  return comparePrereleases(a.prerelease.split("."), b.prerelease.split("."));
}

function comparePrereleases(a: readonly string[], b: readonly string[]): -1 | 0 | 1 {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const left = a[index];
    const right = b[index];
    if (left === right) continue;
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    const numbers = Number(/^\d+$/.test(left)) - Number(/^\d+$/.test(right));
    if (numbers !== 0) return numbers > 0 ? -1 : 1;
    const isLess = /^\d+$/.test(left) ? BigInt(left) < BigInt(right) : left < right;
    return isLess ? -1 : 1;
  }
  return 0;
}
