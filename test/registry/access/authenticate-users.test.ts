import { describe, expect, test } from "bun:test";
import { authenticateUsers } from "../../../src/registry/access/authenticate-users.ts";
import type { Access, Authenticate } from "../../../src/registry/access/access.ts";
import { RegistryError } from "../../../src/registry/registry-error.ts";
import { basic, userLine, usersFixture } from "./support/users-fixture.ts";

const challenge = 'Basic realm="hive"';
const tokenChallenge = 'Bearer realm="http://registry.test/v2/token",service="hive"';

async function ask(
  authenticate: Authenticate,
  authorization?: string,
  address = "192.0.2.1",
): Promise<Access | string> {
  const headers = {
    host: "registry.test",
    ...(authorization === undefined ? {} : { authorization }),
  };
  try {
    return await authenticate(new Request("http://registry.test/v2/", { headers }), address);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const { "WWW-Authenticate": asked = "", "Retry-After": wait = "" } = error.headers;
    return [error.status, error.code, asked, wait].join(" ").trim();
  }
}

const unauthorized = `401 UNAUTHORIZED ${challenge}`;

describe("authenticateUsers()", () => {
  test("gives users what was granted to them", async () => {
    await using f = await usersFixture("writer:x", "limited:x:write=team-a/**", "boss:x:admin");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    expect(await ask(authenticate, basic("writer:x"))).toMatchObject({
      user: "writer",
      admin: false,
      challenge,
    });
    const limited = (await ask(authenticate, basic("limited:x"))) as Access;
    expect(limited.may("write", "team-a/x")).toBe(true);
    expect(limited.may("delete", "team-a/x")).toBe(false);
    expect(limited.may("read", "team-b/x")).toBe(false);
    expect(await ask(authenticate, basic("boss:x"))).toMatchObject({ user: "boss", admin: true });
  });

  test("takes passwords in UTF-8, with colons, of up to 72 bytes", async () => {
    await using f = await usersFixture();
    const lines: string[] = [];
    const passwords = ["pä☃:s:s", "x".repeat(72), "x".repeat(73)];
    for (const [index, password] of passwords.entries()) {
      const hash = await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 });
      lines.push(`user${index}:${hash}\n`);
    }
    await f.write(lines.join(""));
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    const results: unknown[] = [];
    for (const [index, password] of passwords.entries()) {
      const access = await ask(authenticate, basic(`user${index}:${password}`));
      results.push(typeof access === "string" ? access : access.user);
    }
    expect(results).toEqual(["user0", "user1", unauthorized]);
  });

  test.each(["none", "read"] as const)(
    "refuses what is no user, where anonymous may %s",
    async (anonymous) => {
      await using f = await usersFixture("bob:right");
      const failures: unknown[] = [];
      const authenticate = authenticateUsers({
        users: f.source,
        anonymous,
        onFailure: (failure) => failures.push(failure),
      });
      for (const authorization of [
        basic("bob:wrong"),
        basic("bob:"),
        basic("BOB:right"),
        basic("bob :right"),
        basic(":right"),
        basic("constructor:right"),
        "Bearer undefined",
        basic("bob"),
        `${basic("bob:right")}, ${basic("bob:right")}`,
        "Basic !!!",
        "Digest bob",
      ]) {
        expect([authorization, await ask(authenticate, authorization)]).toEqual([
          authorization,
          anonymous === "none" ? unauthorized : `401 UNAUTHORIZED ${tokenChallenge}`,
        ]);
      }
      expect(failures).toHaveLength(6);
      expect(failures[0]).toEqual({ user: "bob", address: "192.0.2.1" });
      expect(JSON.stringify(failures)).not.toContain("right");
    },
  );

  test("without credentials it is nobody, who may read where that was chosen", async () => {
    await using f = await usersFixture("bob:x");
    const closed = authenticateUsers({ users: f.source, anonymous: "none", realm: 'my "realm"' });
    const open = authenticateUsers({ users: f.source, anonymous: "read" });
    for (const authorization of [undefined, "", "Basic Og=="]) {
      expect(await ask(closed, authorization)).toBe('401 UNAUTHORIZED Basic realm="my realm"');
      const access = (await ask(open, authorization)) as Access;
      expect([access.user, access.admin, access.challenge]).toEqual([
        undefined,
        false,
        tokenChallenge,
      ]);
      const may = (["read", "write", "delete"] as const).map((action) => access.may(action, "a"));
      expect(may).toEqual([true, false, false]);
    }
  });

  test("the control token opens everything, no other and no part of it does", async () => {
    await using f = await usersFixture("bob:x");
    const authenticate = authenticateUsers({
      users: f.source,
      anonymous: "none",
      controlToken: "t0ken",
    });
    expect(await ask(authenticate, "Bearer t0ken")).toMatchObject({ user: undefined, admin: true });
    for (const token of ["t0ke", "t0ken0", "T0KEN"]) {
      expect(await ask(authenticate, `Bearer ${token}`)).toBe(unauthorized);
    }
    const without = authenticateUsers({ users: f.source, anonymous: "none", controlToken: "" });
    expect(await ask(without, "Bearer x")).toBe(unauthorized);
  });

  test("a removed user, a changed password and other grants count at once", async () => {
    await using f = await usersFixture("bob:old", "eve:x");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    for (const text of ["bob:old", "eve:x"]) {
      expect(await ask(authenticate, basic(text))).toHaveProperty("user");
    }
    await f.write(await userLine("bob:new:read"));
    expect(await ask(authenticate, basic("bob:old"))).toBe(unauthorized);
    expect(await ask(authenticate, basic("eve:x"))).toBe(unauthorized);
    const bob = (await ask(authenticate, basic("bob:new"))) as Access;
    expect(bob.may("write", "a")).toBe(false);
  });

  test("lets nobody in while the users can't be known, and says so once", async () => {
    await using f = await usersFixture("bob:x");
    const errors: Error[] = [];
    const authenticate = authenticateUsers({
      users: f.source,
      anonymous: "read",
      onError: (error) => errors.push(error),
    });
    expect(await ask(authenticate, basic("bob:x"))).toHaveProperty("user", "bob");
    await f.remove();
    expect(await ask(authenticate, basic("bob:x"))).toBe("503 DENIED  5");
    expect(await ask(authenticate, basic("bob:wrong"))).toBe("503 DENIED  5");
    expect(errors).toHaveLength(1);
    expect(await ask(authenticate)).toHaveProperty("user", undefined);
  });

  test("a hash that bcrypt can't read lets nobody in", async () => {
    await using f = await usersFixture();
    await f.write(`bob:$2y$04$${"a".repeat(53)}\n`);
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    expect(await ask(authenticate, basic("bob:x"))).toBe(unauthorized);
  });

  test("who guesses waits, the user comes in from elsewhere and where they were in already", async () => {
    await using f = await usersFixture("bob:right");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    expect(await ask(authenticate, basic("bob:right"), "127.0.0.1")).toHaveProperty("user");
    for (let guess = 0; guess < 5; guess++) {
      expect(await ask(authenticate, basic(`bob:${guess}`), "127.0.0.1")).toBe(unauthorized);
    }
    expect(await ask(authenticate, basic("bob:6"), "127.0.0.1")).toBe("429 TOOMANYREQUESTS  1");
    expect(await ask(authenticate, basic("bob:6"), "::ffff:127.0.0.1")).toBe(
      "429 TOOMANYREQUESTS  1",
    );
    expect(await ask(authenticate, basic("bob:right"), "127.0.0.1")).toHaveProperty("user", "bob");
    expect(await ask(authenticate, basic("bob:right"), "192.0.2.1")).toHaveProperty("user", "bob");
    await f.write(await userLine("bob:other"));
    expect(await ask(authenticate, basic("bob:other"), "127.0.0.1")).toBe("429 TOOMANYREQUESTS  1");
    expect(await ask(authenticate, basic("bob:other"), "192.0.2.1")).toHaveProperty("user", "bob");
  });

  test("an IPv6 client is one, whichever of its addresses it takes", async () => {
    await using f = await usersFixture("bob:right");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    for (let guess = 0; guess < 5; guess++) {
      await ask(authenticate, basic(`bob:${guess}`), `2001:db8:0:1::${guess}`);
    }
    const blocked = await ask(authenticate, basic("bob:x"), "2001:db8:0:1:ffff:1:2:3");
    expect(blocked).toBe("429 TOOMANYREQUESTS  1");
    expect(await ask(authenticate, basic("bob:x"), "2001:db8:0:2::1")).toBe(unauthorized);
    expect(await ask(authenticate, basic("bob:x"), "2001:db8::1:0:0:1")).toBe(unauthorized);
  });

  test("tokens of a registry that was restarted keep nobody out, who logs in again or not", async () => {
    await using f = await usersFixture("bob:right");
    const options = { users: f.source, anonymous: "read" } as const;
    const before = (await ask(authenticateUsers(options), undefined)) as Access;
    const authenticate = authenticateUsers(options);
    for (let client = 0; client < 30; client++) {
      const stale = `Bearer ${before.issueToken?.().token}`;
      expect(await ask(authenticate, stale)).toStartWith("401 ");
    }
    expect(await ask(authenticate, basic("bob:right"))).toHaveProperty("user", "bob");
  });

  test("many requests at once of a client with the right password are one check, none is refused", async () => {
    await using f = await usersFixture("bob:right");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    const all = await Promise.all(
      Array.from({ length: 200 }, () => ask(authenticate, basic("bob:right"))),
    );
    expect(all.filter((access) => typeof access === "string")).toEqual([]);
  });

  test("a flood of guesses from everywhere is cut off, and who was in stays in", async () => {
    await using f = await usersFixture("bob:right");
    const authenticate = authenticateUsers({ users: f.source, anonymous: "none" });
    expect(await ask(authenticate, basic("bob:right"))).toHaveProperty("user");
    const flood = Array.from({ length: 400 }, (_, n) =>
      ask(authenticate, basic(`user${n}:x`), `10.0.${n >> 8}.${n & 255}`),
    );
    expect(await ask(authenticate, basic("bob:right"))).toHaveProperty("user", "bob");
    const answers = await Promise.all(flood);
    expect(answers.filter((answer) => answer === unauthorized)).toHaveLength(256);
    expect(answers.filter((answer) => answer === "429 TOOMANYREQUESTS  1")).toHaveLength(144);
  });

  describe("tokens, where anybody may read", () => {
    async function tokenOf(authenticate: Authenticate, authorization?: string): Promise<string> {
      const access = await ask(authenticate, authorization);
      if (typeof access === "string") return access;
      return `Bearer ${access.issueToken?.().token}`;
    }

    test("stand for who asked for them, and give no further ones", async () => {
      await using f = await usersFixture("bob:x:write=a");
      const authenticate = authenticateUsers({ users: f.source, anonymous: "read" });
      const bob = (await ask(authenticate, await tokenOf(authenticate, basic("bob:x")))) as Access;
      expect(bob).toMatchObject({ user: "bob", admin: false });
      expect([bob.may("write", "a"), bob.may("write", "b")]).toEqual([true, false]);
      expect(bob.issueToken).toBeUndefined();
      const nobody = (await ask(authenticate, await tokenOf(authenticate))) as Access;
      expect([nobody.user, nobody.may("read", "a"), nobody.may("write", "a")]).toEqual([
        undefined,
        true,
        false,
      ]);
    });

    test("end with the user, their password, and their grants, and that is no guess", async () => {
      await using f = await usersFixture("bob:x", "eve:x");
      const failures: unknown[] = [];
      const authenticate = authenticateUsers({
        users: f.source,
        anonymous: "read",
        onFailure: (failure) => failures.push(failure),
      });
      const bob = await tokenOf(authenticate, basic("bob:x"));
      const eve = await tokenOf(authenticate, basic("eve:x"));
      await f.write(await userLine("bob:x:read"));
      expect(await ask(authenticate, bob)).toBe(`401 UNAUTHORIZED ${tokenChallenge}`);
      expect(await ask(authenticate, eve)).toBe(`401 UNAUTHORIZED ${tokenChallenge}`);
      expect(failures).toEqual([]);
    });

    test("of another server, or changed, are none", async () => {
      await using f = await usersFixture("bob:x");
      const authenticate = authenticateUsers({ users: f.source, anonymous: "read" });
      const other = authenticateUsers({ users: f.source, anonymous: "read" });
      const token = await tokenOf(authenticate, basic("bob:x"));
      const [, signature = ""] = token.split(".");
      const forged = Buffer.from('{"name":"bob","until":9e99}').toString("base64url");
      for (const wrong of [
        token.slice(0, -2),
        `Bearer ${forged}.${signature}`,
        "Bearer .",
        `Bearer ${forged}.`,
      ]) {
        expect(await ask(authenticate, wrong)).toBe(`401 UNAUTHORIZED ${tokenChallenge}`);
      }
      expect(await ask(other, token)).toBe(`401 UNAUTHORIZED ${tokenChallenge}`);
    });

    test("are nothing for browsers, which look at pages", async () => {
      await using f = await usersFixture("bob:x");
      const authenticate = authenticateUsers({ users: f.source, anonymous: "read" });
      const headers = { host: "registry.test" };
      for (const [path, expected] of [
        ["/", challenge],
        ["/-/repositories/v2/", challenge],
        ["/v2/", tokenChallenge],
      ]) {
        const request = new Request(`http://registry.test${path}`, { headers });
        const access = await authenticate(request, "192.0.2.1");
        expect([path, access.challenge]).toEqual([path, expected]);
      }
    });

    test.each([
      ["registry.test:5000", undefined, 'Bearer realm="http://registry.test:5000/v2/token"'],
      ["registry.test", "https", 'Bearer realm="https://registry.test/v2/token"'],
      ["[::1]:5000", undefined, 'Bearer realm="http://[::1]:5000/v2/token"'],
      ['x",y="', undefined, 'Basic realm="hive"'],
      ["a, b", undefined, 'Basic realm="hive"'],
      ["evil.example/x?", undefined, 'Basic realm="hive"'],
    ])("are to be had from %s, behind a proxy with %p: %s", async (host, proto, expected) => {
      await using f = await usersFixture("bob:x");
      const authenticate = authenticateUsers({ users: f.source, anonymous: "read" });
      const headers = { host, ...(proto === undefined ? {} : { "x-forwarded-proto": proto }) };
      const access = await authenticate(new Request("http://a/v2/", { headers }), "192.0.2.1");
      expect(access.challenge).toStartWith(expected);
    });
  });
});
