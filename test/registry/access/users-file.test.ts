import { describe, expect, test } from "bun:test";
import { truncate } from "node:fs/promises";
import { openUsersFile } from "../../../src/registry/access/users-file.ts";
import { thrownText } from "../../support/thrown.ts";
import { userLine, usersFixture } from "./support/users-fixture.ts";

describe("openUsersFile()", () => {
  test("notices what changed", async () => {
    await using f = await usersFixture("bob:x", "eve:x");
    expect([...f.source.current().keys()]).toEqual(["bob", "eve"]);
    await f.write(await userLine("bob:y"));
    expect([...f.source.current().keys()]).toEqual(["bob"]);
    await f.write("");
    expect(f.source.current().size).toBe(0);
    expect(f.warnings).toEqual([]);
  });

  test("keeps the users of before while a version has errors, and says so once", async () => {
    await using f = await usersFixture("bob:x");
    await f.write("bob\n");
    expect(f.source.current().size).toBe(1);
    expect(f.source.current().size).toBe(1);
    expect(f.warnings).toEqual([
      `Cannot use the users file "${f.path}": line 1: there is no colon; the users of before stay`,
    ]);
    await f.write(await userLine("eve:x"));
    expect([...f.source.current().keys()]).toEqual(["eve"]);
  });

  test("knows nobody while the file is gone", async () => {
    await using f = await usersFixture("bob:x");
    await f.remove();
    expect(() => f.source.current()).toThrow(
      /Cannot read the users file .*: there is no such file/,
    );
    await f.write(await userLine("eve:x"));
    expect([...f.source.current().keys()]).toEqual(["eve"]);
  });

  test("does not take an entry that is cut off for one without grants", async () => {
    await using f = await usersFixture("bob:x:read=a");
    const line = await userLine("bob:x:read=a");
    await truncate(f.path, line.length - ":read=a\n".length);
    expect(f.source.current().get("bob")?.entry).toEndWith(":read=a");
    // It stays so: the file was meant to be without an end of line.
    expect(f.source.current().get("bob")?.entry).not.toEndWith(":read=a");
  });

  test("does not look at the file for every request", async () => {
    await using f = await usersFixture("bob:x");
    const source = openUsersFile(f.path, { checkEvery: 60_000 });
    await f.remove();
    expect(source.current().size).toBe(1);
  });

  test("refuses to start without a file, and with one that has errors", async () => {
    await using f = await usersFixture();
    await f.write("bob\n");
    expect(() => openUsersFile(f.path)).toThrow(/line 1: there is no colon/);
    await f.remove();
    expect(await thrownText(() => openUsersFile(f.path), f.path)).toBe(
      'usage: Cannot read the users file "ROOT": there is no such file\n\nMake it with `hive registry user add NAME --htpasswd ROOT`.',
    );
  });
});
