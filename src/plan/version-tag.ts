/** A tag that begins with a version: `v1.2.3-alpine`. */
export type VersionTag = {
  /** What stands before the number: `v`, `release-`; often nothing. */
  readonly prefix: string;
  /** One to four, as written: `["1", "2", "3"]`. */
  readonly numbers: readonly string[];
  /** The rest with its `-`, less what makes it a pre-release: `-alpine`; often nothing. */
  readonly flavour: string;
  /** `rc.1`; absent for a release. */
  readonly prerelease?: string;
};

const version = /^([^0-9]*)([0-9]+(?:\.[0-9]+){0,3})(?:-([A-Za-z0-9][A-Za-z0-9._-]*))?$/;

/**
 * Words that mark what comes before a release. Of those that are flavours of released images as often (`dev`), and of
 * single letters, only with a number.
 */
const prereleaseMark =
  /^(?:(?:alpha|beta|rc|cr|pre|preview|prerelease|milestone|snapshot|nightly|canary|ea)(?:[._]?\d+)*|(?:dev|a|b|m)[._]?\d+)$/i;

/**
 * Reads a tag as a version; undefined when it is none. What stands behind the numbers is kept as a flavour, but for the
 * parts, between dashes, that mark a pre-release.
 * @param flavours Rests that are flavours whatever they look like: the suffixes of the image's variants.
 */
export function readVersionTag(
  tag: string,
  flavours: ReadonlySet<string> = new Set(),
): VersionTag | undefined {
  const [, prefix, numbers, rest] = version.exec(tag) ?? [];
  if (prefix === undefined || numbers === undefined) return undefined;
  const read = { prefix, numbers: numbers.split(".") };
  if (rest === undefined) return { ...read, flavour: "" };
  if (flavours.has(`-${rest}`)) return { ...read, flavour: `-${rest}` };
  const parts = rest.split("-");
  const marks = parts.filter((part) => prereleaseMark.test(part));
  const others = parts.filter((part) => !prereleaseMark.test(part));
  return {
    ...read,
    flavour: others.map((part) => `-${part}`).join(""),
    ...(marks.length === 0 ? {} : { prerelease: marks.join("-") }),
  };
}

/**
 * Below zero when `a` is the lower version. Any release is higher than any pre-release; then numbers are compared, as
 * numbers of any length, a missing one being lower than any; then pre-releases by their words and numbers.
 */
export function compareVersions(a: VersionTag, b: VersionTag): number {
  const released = Number(b.prerelease !== undefined) - Number(a.prerelease !== undefined);
  return (
    released ||
    compareParts(a.numbers, b.numbers) ||
    compareParts(piecesOf(a.prerelease), piecesOf(b.prerelease))
  );
}

/** `rc.10` and `rc10` are the word and the number. */
function piecesOf(prerelease: string | undefined): readonly string[] {
  return prerelease?.toLowerCase().match(/\d+|[a-z]+/g) ?? [];
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = comparePart(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  const numeric = /^\d/.test(a) && /^\d/.test(b);
  const [first, second] = numeric ? [BigInt(a), BigInt(b)] : [a, b];
  return first === second ? 0 : first < second ? -1 : 1;
}
