import { cleanPath } from "../../base/clean-path.ts";
import { compilePattern, hasWildcards, type Pattern } from "./pattern.ts";

/** Which patterns matched a directory; its entries start from there. */
export type PatternHits = readonly boolean[];

/** Patterns in order: the last one that matches a path or one of its parents decides. */
export type PatternList = {
  readonly patterns: readonly Pattern[];
  /** Matches `path`, whose parent directory gave `parent`; at the root there is none. */
  match(
    path: string,
    parent?: PatternHits,
  ): { readonly matched: boolean; readonly hits: PatternHits };
  /** Whether a pattern with this sign could match something inside the directory `path`. */
  reachesInto(path: string, sign: { readonly negated: boolean }): boolean;
};

/**
 * Compiles patterns of `.dockerignore` syntax: blank ones are dropped, `!` negates.
 * Matches as moby's patternmatcher does, so that a build sees the same context with any client.
 * @throws SyntaxError
 */
export function createPatternList(texts: readonly string[]): PatternList {
  const patterns = texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(parsePattern);
  const reach = {
    plain: createReach(patterns.filter((pattern) => !pattern.negated)),
    negated: createReach(patterns.filter((pattern) => pattern.negated)),
  };
  return {
    patterns,
    match: (path, parent) => matchAll(patterns, path, parent),
    reachesInto: (path, { negated }) => (negated ? reach.negated : reach.plain)(path),
  };
}

function parsePattern(text: string): Pattern {
  const cleaned = cleanPath(text);
  if (cleaned === "!") throw new SyntaxError('Cannot read pattern "!": it negates nothing');
  return cleaned.startsWith("!") ? compilePattern(cleaned.slice(1), true) : compilePattern(cleaned);
}

function matchAll(
  patterns: readonly Pattern[],
  path: string,
  parent: PatternHits | undefined,
): { matched: boolean; hits: PatternHits } {
  let matched = false;
  const hits = patterns.map((pattern, index) => {
    // A pattern that hit the parent holds for all that is inside. One that couldn't change
    // the verdict isn't tried, and counts as missed for what is inside, too.
    const hit = parent?.[index] === true || (pattern.negated === matched && pattern.matches(path));
    if (hit) matched = !pattern.negated;
    return hit;
  });
  return { matched, hits };
}

// A pattern with a wildcard before its end may match at any depth; others only below their own path.
function createReach(patterns: readonly Pattern[]): (directory: string) => boolean {
  const prefixes = patterns.map((pattern) =>
    pattern.text.replace(/\/\*\*$/, "").replace(/\/\*$/, ""),
  );
  if (prefixes.some(hasWildcards)) return () => true;
  return (directory) => prefixes.some((prefix) => `${prefix}/`.startsWith(`${directory}/`));
}
