import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  createTokenAuthority,
  type TokenAuthority,
} from "../../src/buildkit/auth/token-authority.ts";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { openLayout } from "../../src/oci/layout.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { type TokenRegistry, tokenRegistry } from "../support/token-registry.ts";
import { build, connectTestDaemon, failureOf, freshTree, textFile } from "./build.ts";

const credential = { username: "hive", secret: "s3cret" };

let stack: AsyncDisposableStack;
let daemon: Buildkit;
let registry: TokenRegistry;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  daemon = stack.use(await connectTestDaemon());
  const directory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path, { durable: false }));
  registry = stack.use(await tokenRegistry({ layout, credential, life: 300 }));
  await build(daemon, {
    text: "FROM scratch\nCOPY hello /\n",
    context: freshTree([textFile("hello", crypto.randomUUID())]),
    exporter: { type: "image", attrs: { name: `${registry.backend}/base:1.0`, push: "true" } },
  });
});

afterAll(async () => {
  await stack.disposeAsync();
});

/** Asks the token service as the daemon says; `asked` keeps the realms. */
function authorityOf(secret: string): { tokens: TokenAuthority; asked: string[] } {
  const asked: string[] = [];
  const tokens = createTokenAuthority({
    reaches: async () => true,
    async fetchToken({ host, realm, service, scopes }) {
      asked.push(`${host} ${service} ${scopes.join(" ")}`);
      const response = await fetch(`${realm}?scope=${scopes.join("&scope=")}`, {
        headers: {
          "User-Agent": "hive",
          Authorization: `Basic ${btoa(`${credential.username}:${secret}`)}`,
        },
      });
      if (!response.ok) throw new Error(`the token service refused: ${response.status}`);
      const { token, expires_in: expiresIn } = (await response.json()) as Record<string, never>;
      return { token: token ?? "", expiresIn: expiresIn ?? 0 };
    },
  });
  return { tokens, asked };
}

/** Pulls the image, whatever the daemon has of it. */
const pull = (tokens: TokenAuthority | undefined, credentials: () => Promise<typeof credential>) =>
  build(daemon, {
    text: `FROM ${registry.address}/base:1.0\nCOPY new /\n`,
    context: freshTree([textFile("new", crypto.randomUUID())]),
    pull: true,
    credentials,
    ...(tokens === undefined ? {} : { tokens }),
  });

describe("solve() with a token authority", () => {
  test("gets tokens for the daemon, which keeps them for this authority and never asks for the password", async () => {
    const before = registry.asked.length;
    let shown = 0;
    const credentials = async (): Promise<typeof credential> => {
      shown++;
      return credential;
    };
    const first = authorityOf(credential.secret);
    await pull(first.tokens, credentials);
    await pull(first.tokens, credentials);
    expect(first.asked).toEqual([`${registry.address} test repository:base:pull`]);
    // Another one can't prove that the token is his.
    const second = authorityOf(credential.secret);
    await pull(second.tokens, credentials);
    expect(second.asked).toHaveLength(1);
    expect(shown).toBe(0);
    expect(registry.asked.slice(before).map(({ agent }) => agent)).toEqual(["hive", "hive"]);
  });

  test("fails with the reason why there is no token", async () => {
    const { tokens } = authorityOf("wrong");
    const { message } = await failureOf(pull(tokens, async () => credential));
    expect(message).toContain("the token service refused: 401");
  });

  test("lets the daemon get tokens itself where it reaches what we don't", async () => {
    const before = registry.asked.length;
    const tokens = createTokenAuthority({
      reaches: async () => false,
      fetchToken: async () => Promise.reject(new Error("not asked")),
    });
    await pull(tokens, async () => credential);
    const asked = registry.asked.slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.map(({ agent }) => agent)).not.toContain("hive");
  });
});
