import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join, resolve as resolvePath } from "node:path";
import { HiveError } from "../../src/base/hive-error.ts";
import { checkSecret } from "../../src/secrets/check-secret.ts";
import { createSecrets } from "../../src/secrets/create-secrets.ts";
import type { Secret } from "../../src/secrets/secret.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { sampleSecret } from "./sample-secret.ts";

type World = { readonly env?: Record<string, string> };

async function resolve(secret: Secret, { env = {} }: World = {}): Promise<string> {
  const secrets = createSecrets(env, { signal: AbortSignal.timeout(5000) });
  return new TextDecoder().decode(await secrets.resolve(secret));
}

/** The one message that resolving and checking must both give. */
async function problem(secret: Secret, world: World = {}): Promise<string> {
  const checked = await checkSecret(secret, world.env ?? {});
  try {
    await resolve(secret, world);
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    expect(checked?.message).toBe(error.message);
    return error.message;
  }
  throw new Error("It could be resolved");
}

test("a secret from the environment", async () => {
  const env = { API_KEY: "from env" };
  expect(await resolve(sampleSecret("env", "API_KEY"), { env })).toBe("from env");
  expect(await checkSecret(sampleSecret("env", "API_KEY"), env)).toBeUndefined();
});

test("a variable that is set but empty is an empty secret; one that is not set is an error", async () => {
  const secret = sampleSecret("env", "API_KEY");
  expect(await resolve(secret, { env: { API_KEY: "" } })).toBe("");
  expect(await problem(secret)).toBe(
    'Cannot get secret "token" (image.yml:3:5): the environment variable API_KEY is not set',
  );
});

test("a plain secret is its value", async () => {
  expect(await resolve(sampleSecret("plain", "a\nb"))).toBe("a\nb");
});

test("a secret file is found anywhere, in the home directory, too", async () => {
  await using root = await tempDirectory();
  await writeFile(join(root.path, "secret"), "inside\n");
  const env = { HOME: root.path };
  for (const path of ["~/secret", join(root.path, "secret")]) {
    expect(await resolve(sampleSecret("file", path), { env })).toBe("inside\n");
  }
});

test("a secret file that can't be had says so, with its path", async () => {
  await using root = await tempDirectory();
  const directory = root.path;
  await writeFile(join(directory, "huge"), new Uint8Array(500 * 1024 + 1));
  Bun.spawnSync(["mkfifo", join(directory, "pipe")]);
  const say = (name: string): Promise<string> =>
    problem(sampleSecret("file", resolvePath(directory, name)));
  expect(await say("missing")).toContain(`"${join(directory, "missing")}": there is no such file`);
  expect(await say("huge")).toContain("over the limit of 500 KiB");
  expect(await say(".")).toContain("no plain file");
  expect(await say("pipe")).toContain("no plain file");
  expect(await say("/dev/zero")).toContain("no plain file");
  expect(await problem(sampleSecret("file", "~/x"))).toContain("HOME is not set");
});

test("a secret is looked up once in a run", async () => {
  await using root = await tempDirectory();
  const path = join(root.path, "secret");
  await writeFile(path, "first");
  const secrets = createSecrets({}, { signal: AbortSignal.timeout(5000) });
  const read = async (): Promise<string> =>
    new TextDecoder().decode(await secrets.resolve(sampleSecret("file", path)));
  expect(await read()).toBe("first");
  await writeFile(path, "second");
  expect(await read()).toBe("first");
});

test.each([
  ["secret/app", "not vault://<path>#<field>"],
  ["vault://app#field", "not vault://<path>#<field>"],
  ["vault://kv/../sys#field", "not vault://<path>#<field>"],
  ["vault://auth/token/lookup-self#id", '"auth/" in Vault is no key-value engine'],
  ["vault:///sys/internal#x", '"sys/" in Vault is no key-value engine'],
  ["vault://kv/app", "not vault://<path>#<field>"],
  ["vault://kv/app#field", "VAULT_ADDR is not set"],
])("vault: %s is refused without a network", async (value, reason) => {
  expect(await problem(sampleSecret("vault", value))).toContain(reason);
});

test("vault: address and token are looked for as Vault's own tool does", async () => {
  await using home = await tempDirectory();
  const secret = sampleSecret("vault", "vault://kv/app#field");
  const env = { VAULT_ADDR: "https://vault.invalid", HOME: home.path };
  expect(await problem(secret, { env: { VAULT_ADDR: "vault:8200" } })).toContain(
    "no http or https",
  );
  expect(await problem(secret, { env })).toContain("there is no token");
  await writeFile(join(home.path, ".vault-token"), "t0ken\n");
  expect(await checkSecret(secret, env)).toBeUndefined();
  const authority = { ...env, VAULT_CACERT: join(home.path, "none.pem") };
  expect(await problem(secret, { env: authority })).toContain("cannot read VAULT_CACERT: ENOENT");
});

test("a file of the kernel's that says it is empty is too long all the same", async () => {
  const message = await problem(sampleSecret("file", "/proc/kallsyms"));
  expect(message).toContain('cannot read "/proc/kallsyms": it has more than 500 KiB');
});
