import { describe, expect, test } from "bun:test";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { putUser, readUsers, removeUser } from "../../../src/registry/access/edit-users.ts";
import { renderGrants } from "../../../src/registry/access/grants.ts";
import { run } from "../../support/run.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { thrownText } from "../../support/thrown.ts";
import { userLine, usersFixture } from "./support/users-fixture.ts";

async function matches(path: string, name: string, password: string): Promise<boolean> {
  const user = (await readUsers(path)).get(name);
  return user !== undefined && (await Bun.password.verify(password, user.hash));
}

async function grantsOf(path: string): Promise<Record<string, string>> {
  const users = [...(await readUsers(path)).values()];
  return Object.fromEntries(users.map(({ name, grants }) => [name, renderGrants(grants)]));
}

describe("putUser()", () => {
  test("makes the file for its owner alone, and a password nobody guesses", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "made", "users");
    const generated = await putUser(path, "bob", {});
    expect(generated).toMatch(/^[a-km-np-z2-9]{28}$/);
    expect(await matches(path, "bob", generated ?? "")).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).not.toContain(generated ?? "");
    expect(await readdir(dirname(path))).toEqual(["users"]);
    expect(await putUser(path, "eve", {})).not.toBe(generated);
    expect(await grantsOf(path)).toEqual({ bob: "write", eve: "write" });
  });

  test("changes of a user what is given, and leaves every other line as it was", async () => {
    await using f = await usersFixture();
    const bob = await userLine("bob:old:read");
    const tool = await userLine("tool:x");
    await f.write(`# people\r\n\r\n${bob.trim()}\r\n${tool.trim()}`);
    expect(await putUser(f.path, "bob", { password: "new" })).toBeUndefined();
    expect(await matches(f.path, "bob", "new")).toBe(true);
    expect(await putUser(f.path, "bob", { grants: "write=a/**, read" })).toBeUndefined();
    expect(await matches(f.path, "bob", "new")).toBe(true);
    expect(await grantsOf(f.path)).toEqual({ bob: "write=a/**,read", tool: "write" });
    const lines = (await readFile(f.path, "utf8")).split("\n");
    expect(lines.toSpliced(2, 1)).toEqual(["# people", "", tool.trim(), ""]);
  });

  test("keeps mode and owner of a file that is there", async () => {
    await using f = await usersFixture("bob:x");
    await chmod(f.path, 0o640);
    await putUser(f.path, "eve", {});
    expect((await stat(f.path)).mode & 0o777).toBe(0o640);
  });

  test("what it writes the htpasswd tool takes, where there are no grants to read", async () => {
    await using f = await usersFixture();
    await putUser(f.path, "bob", { password: "pässwort" });
    const [name, hash] = (await readFile(f.path, "utf8")).split(":");
    await writeFile(f.path, `${name}:${hash}\n`);
    await run(["htpasswd", "-vb", f.path, "bob", "pässwort"]);
  });

  test("loses nobody when many change the file at once", async () => {
    await using f = await usersFixture();
    const names = Array.from({ length: 8 }, (_, n) => `user${n}`);
    await Promise.all(names.map((name) => putUser(f.path, name, { password: "x" })));
    expect([...(await readUsers(f.path)).keys()].toSorted()).toEqual(names);
  });

  test.each<[string, string, { password?: string; grants?: string }, string]>([
    ["an empty name", "", {}, 'Cannot use "" as a user\'s name: the name is missing'],
    ["a colon", "a:b", {}, 'Cannot use "a:b" as a user\'s name: the name is too long'],
    ["a comment's name", "#a", {}, 'Cannot use "#a" as a user\'s name: the name is too long'],
    ["wrong grants", "bob", { grants: "root" }, 'Cannot use --grant=root: "root" is no level'],
    ["no password", "bob", { password: "" }, "Cannot use the password: it is empty"],
    [
      "two lines",
      "bob",
      { password: "a\nb" },
      "Cannot use the password: it has a control character",
    ],
    [
      "73 bytes",
      "bob",
      { password: "☃".repeat(25) },
      "Cannot use the password: it is longer than 72 bytes",
    ],
    ["nothing", "there", {}, 'Cannot add "there": there is such a user already'],
  ])("refuses %s, and leaves the file", async (_, name, change, message) => {
    await using f = await usersFixture("there:x");
    const before = await readFile(f.path, "utf8");
    const text = await thrownText(() => putUser(f.path, name, change), f.path);
    expect(text).toStartWith(`usage: ${message}`);
    expect(await readFile(f.path, "utf8")).toBe(before);
  });

  test("does not write over a file with errors", async () => {
    await using f = await usersFixture();
    await f.write("broken\n");
    expect(await thrownText(() => putUser(f.path, "bob", {}), f.path)).toContain(
      "line 1: there is no colon",
    );
    expect(await readFile(f.path, "utf8")).toBe("broken\n");
  });
});

describe("removeUser()", () => {
  test("removes one line", async () => {
    await using f = await usersFixture("bob:x", "eve:x", "bobby:x");
    await removeUser(f.path, "bob");
    expect([...(await readUsers(f.path)).keys()]).toEqual(["eve", "bobby"]);
    expect(await thrownText(() => removeUser(f.path, "bob"), f.path)).toBe(
      'usage: Cannot remove "bob": there is no such user in "ROOT"\n\nRun "hive registry user list" to see them.',
    );
  });
});
