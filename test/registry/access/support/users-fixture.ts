import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openUsersFile, type UsersSource } from "../../../../src/registry/access/users-file.ts";
import { tempDirectory } from "../../../support/temp-directory.ts";

export type UsersFixture = AsyncDisposable & {
  readonly path: string;
  readonly source: UsersSource;
  readonly warnings: readonly string[];
  write(text: string): Promise<void>;
  remove(): Promise<void>;
};

/** `name:password[:grants]` as a line of a users file, at the least cost. */
export async function userLine(text: string): Promise<string> {
  const [name = "", password = "", ...grants] = text.split(":");
  const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
  return `${[name, hash, ...grants].join(":")}\n`;
}

/** A users file with these users, looked at again for every request. */
export async function usersFixture(...users: readonly string[]): Promise<UsersFixture> {
  const directory = await tempDirectory();
  const path = join(directory.path, "users");
  const warnings: string[] = [];
  // A new file each time, as editors do it: two changes within one tick of the clock must differ.
  const write = async (text: string): Promise<void> => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await write((await Promise.all(users.map(userLine))).join(""));
  return {
    path,
    source: openUsersFile(path, { checkEvery: 0, onWarning: (text) => warnings.push(text) }),
    warnings,
    write,
    remove: async () => await rm(path),
    [Symbol.asyncDispose]: async () => await directory[Symbol.asyncDispose](),
  };
}

export function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}
