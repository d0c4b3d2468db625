import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { createSecrets } from "../../src/secrets/create-secrets.ts";
import { rejection } from "../support/rejection.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";
import { sampleSecret } from "./sample-secret.ts";
import { serveVault, type VaultContent, type VaultServer } from "../support/vault-server.ts";

const token = "hvs.t0ken";
const value = "the-value-itself";
const secrets = { "team/app": { password: value, port: 5432 }, "data/odd": { password: value } };
const content: VaultContent = {
  token,
  mounts: { one: { version: 1, secrets }, "big/two": { version: 2, secrets } },
};

function secretsOf(server: VaultServer, env: Record<string, string> = {}, timeout = 2000) {
  const all = { VAULT_ADDR: server.address, VAULT_TOKEN: token, ...env };
  return createSecrets(all, { signal: AbortSignal.timeout(20_000), timeout, pause: 1 });
}

async function read(
  server: VaultServer,
  reference: string,
  env: Record<string, string> = {},
): Promise<string> {
  const found = await secretsOf(server, env).resolve(sampleSecret("vault", `vault://${reference}`));
  return new TextDecoder().decode(found);
}

async function problem(
  server: VaultServer,
  reference = "one/team/app#password",
  env: Record<string, string> = {},
): Promise<string> {
  try {
    await read(server, reference, env);
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const text = `${error.message} ${error.hint ?? ""} ${Bun.inspect(error)}`;
    expect(text).not.toContain(token);
    expect(text).not.toContain(value);
    return error.message;
  }
  throw new Error("It could be read");
}

test.each([true, false])(
  "both versions of the engine are read; may ask for mounts: %p",
  async (may) => {
    using server = serveVault({ ...content, hidesMounts: !may });
    expect(await read(server, "one/team/app#password")).toBe(value);
    expect(await read(server, "one/team/app#port")).toBe("5432");
    expect(await read(server, "one/data/odd#password")).toBe(value);
    // Without its mount's name nobody knows where "big/two" ends: then the API's own path is needed.
    expect(
      await read(server, may ? "big/two/team/app#password" : "big/two/data/team/app#password"),
    ).toBe(value);
  },
);

test("a mount with a name of one part is found without asking for it", async () => {
  using server = serveVault({ token, hidesMounts: true, mounts: { kv: { version: 2, secrets } } });
  expect(await read(server, "kv/team/app#password")).toBe(value);
});

test("one path is read once for all its fields", async () => {
  using server = serveVault(content);
  const all = secretsOf(server);
  await Promise.all(
    ["password", "port", "password"].map((field) =>
      all.resolve(sampleSecret("vault", `vault://one/team/app#${field}`)),
    ),
  );
  expect(server.requests).toEqual(["sys/internal/ui/mounts/one/team/app", "one/team/app"]);
});

test("a namespace is passed on", async () => {
  using server = serveVault({ ...content, namespace: "team" });
  expect(await read(server, "one/team/app#password", { VAULT_NAMESPACE: "team" })).toBe(value);
  expect(await problem(server)).toContain("there is nothing at this path");
});

test("what is missing is named: path, field", async () => {
  using server = serveVault(content);
  expect(await problem(server, "one/nothing#password")).toContain(
    'cannot read "password" of "one/nothing" in Vault: there is nothing at this path',
  );
  expect(await problem(server, "one/team/app#other")).toContain(
    '"one/team/app" in Vault has no field "other"',
  );
  expect(await problem(server, "one/team/app#password", { VAULT_TOKEN: "wrong" })).toContain(
    "the token is not valid, or may not read this path",
  );
});

test.each([503, 429])("a %d is tried once more, a second one is the end", async (status) => {
  using once = serveVault({ ...content, faults: [new Response("", { status })] });
  expect(await read(once, "one/team/app#password")).toBe(value);
  const faults = Array.from({ length: 4 }, () => new Response("", { status }));
  using always = serveVault({ ...content, faults });
  expect(await problem(always)).toContain(`the server answered ${status}`);
  expect(always.requests).toHaveLength(4);
});

test("who stops does not wait for the second try", async () => {
  using server = serveVault({ ...content, faults: [new Response("", { status: 503 })] });
  const env = { VAULT_ADDR: server.address, VAULT_TOKEN: token };
  const stop = new AbortController();
  const all = createSecrets(env, { signal: stop.signal, pause: 3_600_000 });
  const waiting = rejection(all.resolve(sampleSecret("vault", "vault://one/team/app#password")));
  await waitUntil("asked once", 10_000, () => server.requests.length === 1 || undefined);
  const reason = new Error("enough");
  stop.abort(reason);
  expect(await waiting).toBe(reason);
});

test("an answer that is none of Vault's is told as such", async () => {
  using page = serveVault({ ...content, faults: [new Response("<html>")] });
  expect(await problem(page)).toContain("no JSON");
  const faults = [new Response("x".repeat(3 * 1024 * 1024))];
  using long = serveVault({ ...content, faults });
  expect(await problem(long)).toContain("too long");
});

test("a redirect to another server gets no token", async () => {
  using other = serveVault(content);
  const moved = (): Response => Response.redirect(`${other.address}/v1/one/team/app`, 307);
  using server = serveVault({ ...content, faults: [moved(), moved()] });
  expect(await problem(server)).toContain("the server answered 307");
  expect(other.requests).toEqual([]);
});

test("a server that does not answer, or is not there, ends the wait", async () => {
  using silent = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Promise(() => {}) });
  const env = { VAULT_ADDR: `http://127.0.0.1:${silent.port}`, VAULT_TOKEN: token };
  const slow = createSecrets(env, { signal: AbortSignal.timeout(20_000), timeout: 100 });
  const secret = sampleSecret("vault", "vault://one/team/app#password");
  const error = await rejection(slow.resolve(secret));
  expect(String(error)).toContain("no answer within 0.1 s");
  using server = serveVault(content);
  expect(await problem(server, undefined, { VAULT_ADDR: "http://127.0.0.1:1" })).toContain(
    "cannot reach the server",
  );
});

test("a certificate is checked: by VAULT_CACERT where it is set", async () => {
  await using directory = await tempDirectory();
  const [key, certificate] = ["key.pem", "cert.pem"].map((name) => join(directory.path, name));
  const made = Bun.spawnSync(
    `openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=vault -addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${certificate}`.split(
      " ",
    ),
  );
  expect(made.exitCode).toBe(0);
  const tls = { key: Bun.file(key ?? ""), cert: Bun.file(certificate ?? "") };
  using server = serveVault({ ...content, tls });
  expect(await problem(server)).toContain("cannot reach the server");
  const env = { VAULT_CACERT: certificate ?? "" };
  expect(await read(server, "one/team/app#password", env)).toBe(value);
  await writeFile(join(directory.path, "empty.pem"), "");
  const wrong = { VAULT_CACERT: join(directory.path, "empty.pem") };
  expect(await problem(server, undefined, wrong)).toContain("cannot reach the server");
});
