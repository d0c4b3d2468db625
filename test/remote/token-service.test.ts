import { describe, expect, test } from "bun:test";
import { waitUntil } from "../support/wait-until.ts";
import { all, connect, failure } from "./support/connect.ts";
import { sampleBlob } from "./support/sample-blob.ts";
import { uploadRegistry } from "./support/upload-registry.ts";
import { type Asked, scriptedServer, type ScriptedServer } from "./support/scripted-server.ts";

const credential = { username: "user", secret: "hunter2" };
const basic = `Basic ${btoa("user:hunter2")}`;

/** A registry that wants tokens of `realm`; `T` is the right one unless told otherwise. */
function registryOf(realm: () => string, accepted: () => string = () => "T"): ScriptedServer {
  return scriptedServer(({ path, authorization }) => {
    if (authorization === `Bearer ${accepted()}`) return Response.json({ tags: ["1"] });
    const scope = path === "/v2/" ? "" : ',scope="repository:app:pull"';
    return Response.json(
      { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] },
      {
        status: 401,
        headers: { "WWW-Authenticate": `Bearer realm="${realm()}",service="reg"${scope}` },
      },
    );
  });
}

function tokenService(answer: (asked: Asked, count: number) => unknown): ScriptedServer {
  return scriptedServer((asked, count) => {
    const body = answer(asked, count);
    return body instanceof Response ? body : Response.json(body);
  });
}

describe("a registry with a token service", () => {
  test("gets a token with the credential, for what it asks", async () => {
    await using tokens = tokenService(() => ({ token: "T" }));
    await using registry = registryOf(() => `${tokens.url}/token`);
    expect(await all(connect(registry.address, { credential }).tags("app"))).toEqual(["1"]);
    expect(tokens.asked).toEqual([
      {
        method: "GET",
        path: "/token?client_id=hive&service=reg&scope=repository%3Aapp%3Apull",
        authorization: basic,
        body: "",
      },
    ]);
    // The password itself is for the token service.
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([null, "Bearer T"]);
  });

  test("without credentials asks for a token as anybody", async () => {
    await using tokens = tokenService(() => ({ access_token: "T" }));
    await using registry = registryOf(() => tokens.url);
    expect(await all(connect(registry.address).tags("app"))).toEqual(["1"]);
    expect(tokens.asked.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test("an identity token is posted, not shown in a URL", async () => {
    await using tokens = tokenService(() => ({ access_token: "T" }));
    await using registry = registryOf(() => tokens.url);
    const remote = connect(registry.address, { credential: { username: "", secret: "identity" } });
    expect(await all(remote.tags("app"))).toEqual(["1"]);
    const [asked] = tokens.asked;
    expect([asked?.method, asked?.path, asked?.authorization]).toEqual(["POST", "/", null]);
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      client_id: "hive",
      service: "reg",
      grant_type: "refresh_token",
      refresh_token: "identity",
      scope: "repository:app:pull",
    });
  });

  test("many requests at a time share one token, and a new one when it expires", async () => {
    let valid = "T1";
    await using tokens = tokenService((_, count) => ({ token: `T${count}` }));
    await using registry = registryOf(
      () => tokens.url,
      () => valid,
    );
    const remote = connect(registry.address);
    const many = async () =>
      await Promise.all(Array.from({ length: 8 }, () => all(remote.tags("app"))));
    await many();
    expect(tokens.asked).toHaveLength(1);
    valid = "T2";
    await many();
    expect(tokens.asked).toHaveLength(2);
  });

  test("a token that is never accepted is no endless loop", async () => {
    await using tokens = tokenService(() => ({ token: "useless" }));
    await using registry = registryOf(() => tokens.url);
    const error = await failure(all(connect(registry.address, { credential }).tags("app")));
    expect([error.kind, error.message]).toEqual([
      "unauthorized",
      `Cannot list the tags of app on ${registry.address}: 401, UNAUTHORIZED: authentication required`,
    ]);
    expect(tokens.asked.length).toBeLessThan(3);
  });

  test("a service that refuses is told as that, and asked again the next time", async () => {
    await using tokens = tokenService((_, count) =>
      count === 1 ? new Response("no", { status: 401 }) : { token: "T" },
    );
    await using registry = registryOf(() => tokens.url);
    const remote = connect(registry.address, { credential });
    const error = await failure(all(remote.tags("app")));
    expect([error.kind, error.message]).toEqual([
      "unauthorized",
      `The token service of ${registry.address} refused: 401`,
    ]);
    expect(await all(remote.tags("app"))).toEqual(["1"]);
  });

  test.each([
    ["no JSON", new Response("<html>")],
    ["no token", Response.json({})],
    ["a token with a line break", Response.json({ token: "a\r\nX-Evil: b" })],
    ["500", new Response("", { status: 500 })],
  ])("an answer of %s is an error", async (_, answer) => {
    await using tokens = tokenService(() => answer);
    await using registry = registryOf(() => tokens.url);
    const error = await failure(all(connect(registry.address).tags("app")));
    expect([error.kind, error.message]).toEqual([
      "failed",
      expect.stringContaining("gave no token"),
    ]);
  });

  test.each([
    "http://tokens.test/",
    "http://169.254.169.254/token",
    "https://user:pass@tokens.test/",
    "file:///etc/passwd",
    "nowhere",
    "",
  ])("the credential is not sent to the realm %p", async (realm) => {
    await using registry = registryOf(() => realm);
    const error = await failure(all(connect(registry.address, { credential }).tags("app")));
    expect([error.kind, error.message]).toEqual([
      "unauthorized",
      expect.stringContaining("credentials must not go"),
    ]);
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test("a token service that redirects elsewhere does not take the password along", async () => {
    await using elsewhere = scriptedServer(() => Response.json({ token: "T" }));
    await using tokens = scriptedServer(() => Response.redirect(`${elsewhere.url}/token`, 307));
    await using registry = registryOf(() => tokens.url);
    await all(connect(registry.address, { credential }).tags("app"));
    expect(elsewhere.asked.map(({ authorization }) => authorization)).toEqual([null]);
  });

  test.each(["1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "soon", 7])(
    "a token that was issued at %p is good for as long as it says",
    async (issued) => {
      await using tokens = tokenService(() => ({ token: "T", expires_in: 300, issued_at: issued }));
      await using registry = registryOf(() => tokens.url);
      const remote = connect(registry.address, { credential });
      for (const _ of [1, 2, 3]) await all(remote.tags("app"));
      expect(tokens.asked).toHaveLength(1);
    },
  );

  test("a token near its end is renewed before it is refused", async () => {
    await using tokens = tokenService((_, count) => ({
      token: "T",
      expires_in: 300,
      // But for the first there is time enough.
      ...(count === 1 ? { issued_at: new Date(Date.now() - 299_500).toISOString() } : {}),
    }));
    await using registry = registryOf(() => tokens.url);
    const remote = connect(registry.address, { credential });
    await waitUntil("a second token is asked for", 20_000, async () => {
      await all(remote.tags("app"));
      return tokens.asked[1];
    });
    await all(remote.tags("app"));
    expect(tokens.asked).toHaveLength(2);
    expect(registry.asked.some(({ authorization }) => authorization === null)).toBe(true);
    expect(registry.asked.filter(({ authorization }) => authorization === null)).toHaveLength(1);
  });

  test("uploads whose token is revoked in mid-run share one new one, and send their bytes again", async () => {
    let valid = "T1";
    await using tokens = tokenService(() => ({ token: valid }));
    await using registry = uploadRegistry({
      answer({ method, headers }) {
        if (method === "PUT" && valid === "T1") valid = "T2";
        return headers.get("authorization") === `Bearer ${valid}`
          ? undefined
          : new Response(null, {
              status: 401,
              headers: { "WWW-Authenticate": `Bearer realm="${tokens.url}"` },
            });
      },
    });
    const remote = connect(registry.address);
    const blobs = [1, 2, 3, 4].map((count) => sampleBlob(400_000 + count));
    await remote.hasBlob("app", sampleBlob(1).descriptor);
    const before = tokens.asked.length;
    await Promise.all(
      blobs.map((blob) => remote.writeBlob("app", blob.descriptor, () => new Blob([blob.bytes]))),
    );
    expect([registry.blobs.size, tokens.asked.length - before]).toEqual([4, 2]);
  });

  test("a login that is revoked in mid-run is told as that", async () => {
    let isRevoked = false;
    await using tokens = tokenService(() =>
      isRevoked ? new Response(null, { status: 401 }) : { token: "T" },
    );
    await using registry = registryOf(
      () => tokens.url,
      () => (isRevoked ? "none" : "T"),
    );
    const remote = connect(registry.address, { credential });
    await all(remote.tags("app"));
    isRevoked = true;
    const refused = await failure(all(remote.tags("app")));
    expect([refused.kind, refused.message, refused.hint]).toEqual([
      "unauthorized",
      `The token service of ${registry.address} refused: 401`,
      expect.stringContaining(
        `has expired or was revoked, or gives no right to this. Log in again with \`hive login`,
      ),
    ]);
    expect(`${refused.message}${refused.hint}`).not.toContain("hunter2");
  });

  test("a service that has too much to do is waited for, or says when", async () => {
    const busy = (wait: string) =>
      tokenService((_, count) =>
        count === 1
          ? new Response(null, { status: 429, headers: { "Retry-After": wait } })
          : { token: "T" },
      );
    await using patient = busy("0");
    await using registry = registryOf(() => patient.url);
    expect(await all(connect(registry.address).tags("app"))).toEqual(["1"]);
    await using greedy = busy("3600");
    await using other = registryOf(() => greedy.url);
    const error = await failure(all(connect(other.address).tags("app")));
    expect(error.hint).toContain("try again in 1h00m");
  });
});
