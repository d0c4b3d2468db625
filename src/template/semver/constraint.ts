import type { Version } from "../value.ts";
import { compareVersions, parseVersion } from "./parse-version.ts";

/** One comparison, as `^1.2`. */
type Comparison = {
  readonly operator: string;
  readonly version: Version;
  /** Parts that were left out or are wildcards. */
  readonly anyMinor: boolean;
  readonly anyPatch: boolean;
  readonly isPartial: boolean;
};

const part = String.raw`v?(?:\d+|[xX*])(?:\.(?:\d+|[xX*]))?(?:\.(?:\d+|[xX*]))?(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?`;
const operators = String.raw`=<|=>|<=|>=|!=|~>|[=<>~^]`;
const hyphenated = new RegExp(String.raw`\s*(${part})\s+-\s+(${part})\s*`, "g");
const single = new RegExp(String.raw`\s*(${operators})?\s*(${part})(?=[\s,]|$)\s*,?`, "y");

/**
 * Does the version fit the constraint? Ranges, `^`, `~`, `x` and `||` are those of the Masterminds library.
 * {@link https://github.com/Masterminds/semver#checking-version-constraints}
 * @throws Error when one of them can't be read.
 */
export function satisfies(constraint: string, version: string): boolean {
  if (constraint.length > 1000) throw new Error("improper constraint: it is too long");
  const alternatives = constraint.split("||").map((text) => readComparisons(text));
  const parsed = parseVersion(version);
  return alternatives.some((all) => all.every((comparison) => fits(comparison, parsed)));
}

function readComparisons(text: string): readonly Comparison[] {
  const rewritten = text.replace(hyphenated, ">=$1,<=$2 ").trim();
  const comparisons: Comparison[] = [];
  let at = 0;
  while (at < rewritten.length) {
    single.lastIndex = at;
    const match = single.exec(rewritten);
    if (match === null) break;
    comparisons.push(readComparison(match[1] ?? "", match[2] ?? ""));
    at += match[0].length;
  }
  const isWhole = comparisons.length > 0 && at === rewritten.length && !rewritten.endsWith(",");
  if (isWhole) return comparisons;
  throw new Error(`improper constraint: ${text}`);
}

const isAny = (text: string | undefined): boolean => text === undefined || /^[xX*]$/.test(text);

function readComparison(operator: string, text: string): Comparison {
  const shape = /^v?([^.+-]+)(?:\.([^.+-]+))?(?:\.([^+-]+))?(-[^+]+)?(\+.*)?$/.exec(text);
  const [, major, minor, patch, prerelease = "", metadata = ""] = shape ?? [];
  if (isAny(major)) return partial(operator, `0.0.0${prerelease}${metadata}`, false, false);
  if (isAny(minor)) return partial(operator, `${major}.0.0${prerelease}${metadata}`, true, false);
  if (isAny(patch))
    return partial(operator, `${major}.${minor}.0${prerelease}${metadata}`, false, true);
  return {
    operator,
    version: parseVersion(text),
    anyMinor: false,
    anyPatch: false,
    isPartial: false,
  };
}

function partial(operator: string, text: string, anyMinor: boolean, anyPatch: boolean): Comparison {
  return { operator, version: parseVersion(text), anyMinor, anyPatch, isPartial: true };
}

function fits(comparison: Comparison, version: Version): boolean {
  const wanted = comparison.version;
  // Only who asks for a prerelease gets one.
  const asksForAny = comparison.operator === "!=" && !comparison.isPartial;
  if (version.prerelease !== "" && wanted.prerelease === "" && !asksForAny) return false;
  const order = compareVersions(version, wanted);
  switch (comparison.operator) {
    case "":
    case "=":
      return comparison.isPartial ? fitsTilde(comparison, version, order) : order === 0;
    case "!=":
      return differs(comparison, version, order);
    case ">":
      return isAbove(comparison, version, order);
    case "<":
      return order < 0;
    case ">=":
    case "=>":
      return order >= 0;
    case "<=":
    case "=<":
      return isAtMost(comparison, version, order);
    case "~":
    case "~>":
      return fitsTilde(comparison, version, order);
    default:
      return fitsCaret(comparison, version, order);
  }
}

function differs(
  { version: wanted, isPartial, anyMinor, anyPatch }: Comparison,
  version: Version,
  order: number,
): boolean {
  if (!isPartial || version.major !== wanted.major) return order !== 0;
  if (anyMinor) return false;
  return version.minor !== wanted.minor || (!anyPatch && order !== 0);
}

function isAbove(
  { version: wanted, isPartial, anyMinor, anyPatch }: Comparison,
  version: Version,
  order: number,
): boolean {
  if (!isPartial) return order > 0;
  if (version.major !== wanted.major) return version.major > wanted.major;
  if (anyMinor) return false;
  return anyPatch ? version.minor > wanted.minor : order > 0;
}

function isAtMost(
  { version: wanted, isPartial, anyMinor }: Comparison,
  version: Version,
  order: number,
): boolean {
  if (!isPartial) return order <= 0;
  if (version.major !== wanted.major) return version.major < wanted.major;
  return anyMinor || version.minor <= wanted.minor;
}

function fitsTilde(
  { version: wanted, anyMinor, anyPatch }: Comparison,
  version: Version,
  order: number,
): boolean {
  if (order < 0) return false;
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (isZero && !anyMinor && !anyPatch) return true;
  return version.major === wanted.major && (anyMinor || version.minor === wanted.minor);
}

function fitsCaret(
  { version: wanted, anyMinor, anyPatch }: Comparison,
  version: Version,
  order: number,
): boolean {
  if (order < 0 || version.major !== wanted.major) return false;
  if (wanted.major > 0n || anyMinor) return true;
  if (wanted.minor > 0n || anyPatch) return version.minor === wanted.minor;
  return version.minor === 0n && version.patch === wanted.patch;
}
