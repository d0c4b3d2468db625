import { HiveError } from "../../base/hive-error.ts";
import { type Grant, parseGrants } from "./grants.ts";

export type User = {
  readonly name: string;
  /** bcrypt. */
  readonly hash: string;
  readonly grants: readonly Grant[];
  /** The whole entry as it stands in the file: what is known of a user ends when it changes. */
  readonly entry: string;
};

/** By name. */
export type Users = ReadonlyMap<string, User>;

const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** One with more takes minutes to check. */
const maxCost = 16;
const otherHashes: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\$apr1\$|^\$1\$/, "MD5"],
  [/^\{SHA\}/, "SHA-1"],
  [/^\$5\$/, "SHA-256"],
  [/^\$6\$/, "SHA-512"],
  [/^\$argon2/, "Argon2"],
];

/**
 * Reads a users file: `name:bcrypt hash` as the htpasswd tool writes it, with the user's grants as a third field; without
 * it, `write` on everything. Empty lines and those that start with `#` are skipped.
 * @param file only for messages
 * @throws HiveError that names the lines, and never what stands in them of a password.
 */
export function parseUsers(text: string, file: string): Users {
  const users = new Map<string, User>();
  const problems: string[] = [];
  for (const [index, line] of usersLines(text)) {
    try {
      const user = parseUser(line);
      if (users.has(user.name)) throw new SyntaxError(`"${user.name}" stands there twice`);
      users.set(user.name, user);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      problems.push(`line ${index + 1}: ${error.message}`);
    }
  }
  if (problems.length === 0) return users;
  throw new HiveError("usage", `Cannot use the users file "${file}": ${problems.join("; ")}`, {
    hint: 'Write "name:bcrypt hash[:grants]", or let "hive registry user add" write it.',
  });
}

/** The lines with users, and where they stand, counted from 0. */
export function usersLines(text: string): [index: number, line: string][] {
  return [
    ...text
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/)
      .entries(),
  ].filter(([, line]) => line.trim() !== "" && !line.startsWith("#"));
}

/** @throws SyntaxError */
export function checkUserName(name: string): void {
  if (name === "") throw new SyntaxError("the name is missing");
  if (name.startsWith("#") || /[\p{Cc}:]|^\s|\s$/u.test(name) || Buffer.byteLength(name) > 255) {
    throw new SyntaxError(
      "the name is too long, starts with # or a space, or has a colon or a control character in it",
    );
  }
}

function parseUser(entry: string): User {
  const [name = "", hash, grants = "write", ...more] = entry.split(":");
  // Might be a password alone: it is not quoted.
  if (hash === undefined) throw new SyntaxError("there is no colon");
  if (more.length > 0) throw new SyntaxError("there are more than two colons");
  checkUserName(name);
  const cost = bcrypt.exec(hash)?.[1];
  if (cost === undefined) {
    const [, other = "something else"] = otherHashes.find(([pattern]) => pattern.test(hash)) ?? [];
    throw new SyntaxError(`the password of "${name}" is not hashed with bcrypt but ${other}`);
  }
  if (Number(cost) < 4 || Number(cost) > maxCost) {
    throw new SyntaxError(`the password of "${name}" has a cost outside of 4 to ${maxCost}`);
  }
  return { name, hash, grants: parseGrants(grants), entry };
}
