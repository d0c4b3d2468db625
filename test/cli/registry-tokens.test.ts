import { expect, test } from "bun:test";
import { registryTokens } from "../../src/cli/registry-tokens.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { tokenRegistry } from "../support/token-registry.ts";

const credential = { username: "hive", secret: "s3cret" };

test("registryTokens() shows a password to the registry's own token service, and to no other that the daemon names", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  await using registry = await tokenRegistry({ layout, credential });
  const seen: (string | null)[] = [];
  using thief = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      seen.push(request.headers.get("authorization"));
      return Response.json({ token: "mine" });
    },
  });
  const tokens = registryTokens(
    { env: {}, signal: new AbortController().signal },
    async () => credential,
  );
  const host = registry.address;
  const request = { host, service: "test", scopes: ["repository:base:pull"] };
  expect(await tokens.reaches(host)).toBe(true);
  const own = await tokens.fetchToken({ ...request, realm: `http://${host}/token` });
  expect(own.token).not.toBe("");
  for (const realm of [
    `http://127.0.0.1:${thief.port}/token`,
    "https://elsewhere.test/token",
    "x",
  ]) {
    expect(await rejection(tokens.fetchToken({ ...request, realm }))).toMatchObject({
      kind: "unauthorized",
      message: expect.stringContaining("is not where"),
    });
  }
  expect(seen).toEqual([]);
});

test("registryTokens() hands on a token that is stored as one, and asks for what is stored for the image's part of the registry", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  await using registry = await tokenRegistry({ layout, credential });
  const looked: (string | undefined)[] = [];
  const tokens = registryTokens(
    { env: {}, signal: new AbortController().signal },
    async (_, repository) => {
      looked.push(repository);
      return { bearer: "stored" };
    },
  );
  const host = registry.address;
  const request = { host, service: "test", realm: `http://${host}/token` };
  const fetched = async (...scopes: string[]): Promise<string> =>
    (await tokens.fetchToken({ ...request, scopes })).token;
  expect(await fetched("repository:team/app:pull,push")).toBe("stored");
  expect(await fetched("repository:team/app:pull", "repository:base:pull")).toBe("stored");
  expect(looked).toEqual(["team/app", undefined]);
  expect(registry.asked).toEqual([]);
});
