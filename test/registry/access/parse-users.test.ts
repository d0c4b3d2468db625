import { describe, expect, test } from "bun:test";
import { parseUsers } from "../../../src/registry/access/parse-users.ts";
import { renderGrants } from "../../../src/registry/access/grants.ts";
import { run } from "../../support/run.ts";
import { thrownText } from "../../support/thrown.ts";

const hash = `$2y$10$${"a".repeat(53)}`;

describe("parseUsers()", () => {
  test("reads lines of the htpasswd tool, comments, empty lines and ends of lines of Windows", async () => {
    const line = await run(["htpasswd", "-nbB", "tool", "pässwort"]);
    const text = `\uFEFF# people\r\n\r\nbob:${hash}:read\r\n#eve:${hash}\r\n  \njürgen k:${hash}:write=a/**,read\n${line}`;
    const users = parseUsers(text, "users");
    expect([...users.values()].map(({ name, grants }) => [name, renderGrants(grants)])).toEqual([
      ["bob", "read"],
      ["jürgen k", "write=a/**,read"],
      ["tool", "write"],
    ]);
    expect(await Bun.password.verify("pässwort", users.get("tool")?.hash ?? "")).toBe(true);
  });

  test("an empty file has no users", () => {
    expect(parseUsers("", "users").size).toBe(0);
  });

  test.each([
    ["just-a-password", "line 1: there is no colon"],
    [`\n\n:${hash}`, "line 3: the name is missing"],
    [`bob:${hash}\nbob:${hash}`, 'line 2: "bob" stands there twice'],
    [`bob:${hash}:read:x`, "line 1: there are more than two colons"],
    [`bob:${hash}:`, 'line 1: "" is no level: expected read, write or admin'],
    [`bob:${hash}:root`, 'line 1: "root" is no level: expected read, write or admin'],
    ["bob:$apr1$secret", 'line 1: the password of "bob" is not hashed with bcrypt but MD5'],
    ["bob:{SHA}secret", 'line 1: the password of "bob" is not hashed with bcrypt but SHA-1'],
    ["bob:$6$secret", 'line 1: the password of "bob" is not hashed with bcrypt but SHA-512'],
    ["bob:secret", 'line 1: the password of "bob" is not hashed with bcrypt but something else'],
    ["bob:", 'line 1: the password of "bob" is not hashed with bcrypt but something else'],
    [`bob:$2y$31$${"a".repeat(53)}`, 'line 1: the password of "bob" has a cost outside of 4 to 16'],
    [
      ` bob:${hash}`,
      "line 1: the name is too long, starts with # or a space, or has a colon or a control character in it",
    ],
    ["a\nb", "line 1: there is no colon; line 2: there is no colon"],
  ])("%j is refused with the line, and nothing secret", async (text, problem) => {
    const message = await thrownText(() => parseUsers(text, "the/users"), "/nowhere");
    expect(message).toStartWith(`usage: Cannot use the users file "the/users": ${problem}\n`);
    expect(message).not.toMatch(/secret|just-a-password|aaaa/);
  });
});
