import { randomInt } from "node:crypto";
import type { Stats } from "node:fs";
import { chown, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { readOptionalText } from "../../base/read-optional-text.ts";
import { storageError } from "../../base/storage-error.ts";
import { isMissingFile } from "../../base/system-error.ts";
import { writeFileAtomically } from "../../oci/atomic-file.ts";
import { acquireFileLock } from "../../oci/file-lock.ts";
import { maxPasswordBytes } from "./check-password.ts";
import { parseGrants, renderGrants } from "./grants.ts";
import { checkUserName, parseUsers, type Users, usersLines } from "./parse-users.ts";

type UserChange = {
  /** What a user gets that is new and has none given is generated. */
  readonly password?: string;
  /** As in the file: `write=team-a/**,read`. A new user without any gets `write`. */
  readonly grants?: string;
};

/** Digits and letters that nobody mistakes for each other: 5 bits each. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
const passwordLength = 28;
/** A guess takes some 60 ms. */
const cost = 10;

/** The users of a file; none when there is no file. @throws HiveError */
export async function readUsers(path: string): Promise<Users> {
  return parseUsers((await readText(path)) ?? "", path);
}

/**
 * Adds a user, or changes of one what is given. A server that runs notices.
 * @returns the generated password, which stands nowhere else; undefined when none was.
 * @throws HiveError "usage" for a name, password or grants that can't be, and when there is nothing to change.
 */
export async function putUser(
  path: string,
  name: string,
  change: UserChange,
): Promise<string | undefined> {
  checkArgument(`"${name}" as a user's name`, () => checkUserName(name));
  const grants = checkArgument(`--grant=${change.grants}`, () =>
    change.grants === undefined ? undefined : parseGrants(change.grants),
  );
  if (change.password !== undefined) checkPassword(change.password);
  let generated: string | undefined;
  await edit(path, async (lines, users) => {
    const before = users.get(name);
    if (before === undefined && change.password === undefined) generated = generatePassword();
    const password = change.password ?? generated;
    if (password === undefined && grants === undefined) throw nothingToChange(name);
    const hash = password === undefined ? before?.hash : await hashOf(password);
    const line = `${name}:${hash}:${renderGrants(grants ?? before?.grants ?? parseGrants("write"))}`;
    const index = lineOf(lines, name);
    return index === -1 ? [...lines, line] : lines.with(index, line);
  });
  return generated;
}

/** @throws HiveError "usage" when there is no such user. */
export async function removeUser(path: string, name: string): Promise<void> {
  await edit(path, (lines, users) => {
    if (!users.has(name)) {
      throw new HiveError("usage", `Cannot remove "${name}": there is no such user in "${path}"`, {
        hint: 'Run "hive registry user list" to see them.',
      });
    }
    return lines.toSpliced(lineOf(lines, name), 1);
  });
}

/** One that nobody guesses: 140 bits. */
function generatePassword(): string {
  return Array.from({ length: passwordLength }, () => alphabet[randomInt(alphabet.length)]).join(
    "",
  );
}

async function hashOf(password: string): Promise<string> {
  return await Bun.password.hash(password, { algorithm: "bcrypt", cost });
}

type Change = (
  lines: readonly string[],
  users: Users,
) => readonly string[] | Promise<readonly string[]>;

async function edit(path: string, change: Change): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Two who change the file at once would lose what one of them did.
    using _lock = await acquireFileLock(`${path}.lock`);
    const text = (await readText(path)) ?? "";
    // A file with errors is not written over.
    const users = parseUsers(text, path);
    const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
    const changed = await change(lines, users);
    await write(path, changed.map((line) => `${line}\n`).join(""));
  } catch (error) {
    throw storageError(error, dirname(path));
  }
}

/** Who could read the file before can go on to: a server may run as another user. */
async function write(path: string, text: string): Promise<void> {
  const before = await statIfThere(path);
  await writeFileAtomically(path, text, {
    mode: before === undefined ? 0o600 : before.mode & 0o777,
  });
  if (before !== undefined) await chown(path, before.uid, before.gid);
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw error;
  }
}

function lineOf(lines: readonly string[], name: string): number {
  const found = usersLines(lines.join("\n")).find(([, line]) => line.startsWith(`${name}:`));
  return found?.[0] ?? -1;
}

function checkPassword(password: string): void {
  const problem = passwordProblem(password);
  if (problem === undefined) return;
  throw new HiveError("usage", `Cannot use the password: ${problem}`, {
    hint: "Give another one, or none to have it generated.",
  });
}

function passwordProblem(password: string): string | undefined {
  if (password === "") return "it is empty";
  if (/\p{Cc}/u.test(password)) return "it has a control character in it, as an end of line";
  if (Buffer.byteLength(password) <= maxPasswordBytes) return undefined;
  return `it is longer than ${maxPasswordBytes} bytes, and bcrypt looks at no more`;
}

function nothingToChange(name: string): HiveError {
  return new HiveError("usage", `Cannot add "${name}": there is such a user already`, {
    hint: "Change what they may do with --grant, or their password with --password-stdin.",
  });
}

function checkArgument<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HiveError("usage", `Cannot use ${what}: ${error.message}`);
  }
}

async function readText(path: string): Promise<string | undefined> {
  return await readOptionalText(path, { what: "users file" });
}
