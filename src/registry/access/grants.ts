import type { Action } from "./access.ts";

/** `read` pulls, `write` also pushes, `admin` also deletes and, given for everything, runs the server. */
export type Level = "read" | "write" | "admin";

/** A level for the repositories that `pattern` matches. */
export type Grant = {
  readonly level: Level;
  /** `**` for all of them. */
  readonly pattern: string;
  readonly matches: (repository: string) => boolean;
};

const rank: Readonly<Record<Level, number>> = { read: 0, write: 1, admin: 2 };
const needed: Readonly<Record<Action, Level>> = { read: "read", write: "write", delete: "admin" };

const everything = "**";
const patternCharacters = /^[a-z0-9._/*-]{1,255}$/;
/** With more of them a long name could take seconds to match. */
const maxWildcards = 3;

/**
 * Reads `write=team-a/**,read`: levels, each for all repositories or for those of a pattern, in which `*` stands for
 * anything between slashes and `**` for anything.
 * @throws SyntaxError
 */
export function parseGrants(text: string): readonly Grant[] {
  return text.split(",").map((item) => parseGrant(item.trim()));
}

/** What `parseGrants` reads. */
export function renderGrants(grants: readonly Grant[]): string {
  return grants
    .map(({ level, pattern }) => (pattern === everything ? level : `${level}=${pattern}`))
    .join(",");
}

/** Whether one of the grants is enough. */
export function isGranted(grants: readonly Grant[], action: Action, repository: string): boolean {
  const least = rank[needed[action]];
  return grants.some((grant) => rank[grant.level] >= least && grant.matches(repository));
}

/** Whether they make an administrator of the whole server. */
export function isAdministrator(grants: readonly Grant[]): boolean {
  return grants.some(({ level, pattern }) => level === "admin" && pattern === everything);
}

function parseGrant(text: string): Grant {
  const [level = "", pattern = everything, ...more] = text.split("=");
  if (!isLevel(level)) {
    throw new SyntaxError(`"${level}" is no level: expected read, write or admin`);
  }
  if (more.length > 0 || !patternCharacters.test(pattern)) {
    throw new SyntaxError(`"${pattern}" is no pattern of repositories, as team-a/**`);
  }
  const wildcards = pattern.match(/\*+/g) ?? [];
  if (wildcards.length > maxWildcards) {
    throw new SyntaxError(`"${pattern}" has more than ${maxWildcards} wildcards`);
  }
  if (pattern === everything) return { level, pattern, matches: () => true };
  const expression = toExpression(pattern);
  return { level, pattern, matches: (repository) => expression.test(repository) };
}

function isLevel(text: string): text is Level {
  return Object.hasOwn(rank, text);
}

function toExpression(pattern: string): RegExp {
  const source = pattern.replaceAll(/\*+|\./g, (part) => {
    if (part === ".") return String.raw`\.`;
    return part === "*" ? "[^/]*" : ".*";
  });
  return new RegExp(`^${source}$`);
}
