import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { leaks } from "../support/leaks.ts";
import { requireEnv } from "../support/require-env.ts";
import { run } from "../support/run.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { type RunningRegistry, startRegistry } from "../support/start-registry.ts";
import { tempDirectory, type TempDirectory } from "../support/temp-directory.ts";
import { tokenRegistry } from "../support/token-registry.ts";
import { waitUntil } from "../support/wait-until.ts";
import { processWatch } from "../support/process-watch.ts";

const password = `s3cret-${crypto.randomUUID()}`;
const stack = new AsyncDisposableStack();
let users: RunningRegistry;

beforeAll(async () => {
  const directory = stack.use(await tempDirectory());
  const htpasswd = join(directory.path, "users");
  const add = ["registry", "user", "add", "me", "--password-stdin", `--htpasswd=${htpasswd}`];
  expect((await runHive(add, { stdin: password })).exitCode).toBe(0);
  const storage = join(directory.path, "storage");
  users = stack.use(await startRegistry([`--storage=${storage}`, `--htpasswd=${htpasswd}`]));
});

afterAll(async () => await stack.disposeAsync());

/** Runs hive in an empty home; what logins store is in `.docker` there. */
async function at(
  { path }: TempDirectory,
  args: readonly string[],
  { stdin, env = {} }: { readonly stdin?: string; readonly env?: Record<string, string> } = {},
): Promise<HiveResult> {
  const unset = ["DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"];
  const none = Object.fromEntries(unset.map((name) => [name, undefined]));
  return await runHive(args, {
    cwd: path,
    env: { ...none, HOME: path, PATH: `${join(path, "bin")}:${process.env["PATH"]}`, ...env },
    ...(stdin === undefined ? {} : { stdin }),
  });
}

const asMe = ["--username=me", "--password-stdin"];
const config = ".docker/config.json";

describe("hive login", () => {
  test("stores a password that the registry took, once it did", async () => {
    await using home = await tempDirectory();
    using registry = processWatch(users.address, password);
    const login = ["login", registry.address, ...asMe];
    const wrong = await at(home, login, { stdin: "wrong" });
    expect([wrong.exitCode, wrong.stdout]).toEqual([5, ""]);
    expect(wrong.stderr).toContain("Nothing was stored");
    expect(await readdir(home.path)).toEqual([]);

    const right = await at(home, login, { stdin: `${password}\n` });
    expect([right.exitCode, right.stdout]).toEqual([0, `Logged in to ${registry.address} as me\n`]);
    expect(right.stderr).toContain("plain base64");
    const catalog = await at(home, ["registry", "catalog", `--registry=${registry.address}`]);
    expect(catalog.exitCode).toBe(0);

    // One that was right does not make up for one that is not.
    const again = await at(home, login, { stdin: "wrong" });
    expect(again.exitCode).toBe(5);
    expect(
      (await at(home, ["registry", "catalog", `--registry=${registry.address}`])).exitCode,
    ).toBe(0);

    const logout = await at(home, ["logout", registry.address, "--json"]);
    const erased = [join(home.path, config)];
    expect(JSON.parse(logout.stdout)).toEqual({ registry: registry.address, erased });
    const after = await at(home, ["registry", "catalog", `--registry=${registry.address}`]);
    expect(after.exitCode).toBe(5);
    expect(registry.listed).toEqual([]);
    const results = [wrong, right, catalog, again, logout, after];
    expect(await leaks(password, results, { directory: home.path })).toEqual([]);
  });

  test("asks a token service, and stores nothing that it refuses", async () => {
    await using directory = await tempDirectory();
    await using home = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    const credential = { username: "me", secret: password };
    await using registry = await tokenRegistry({ layout, credential });
    const login = ["login", registry.address, ...asMe, "--json"];
    expect((await at(home, login, { stdin: "wrong" })).exitCode).toBe(5);
    expect(await readdir(home.path)).toEqual([]);
    const right = await at(home, login, { stdin: password });
    expect(JSON.parse(right.stdout)).toEqual({
      registry: registry.address,
      username: "me",
      checked: true,
      path: join(home.path, config),
    });
    expect(registry.asked.map(({ known }) => known)).toEqual([false, true]);
  });

  test("stores a token as what the registry takes it for", async () => {
    await using home = await tempDirectory();
    const identity = crypto.randomUUID();
    const bearer = crypto.randomUUID();
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        const { host, pathname } = new URL(request.url);
        if (pathname === "/token") {
          const known = (await request.formData()).get("refresh_token") === identity;
          return known ? Response.json({ token: "short" }) : new Response("", { status: 401 });
        }
        const shown = request.headers.get("authorization");
        if (shown === `Bearer ${bearer}` || shown === "Bearer short") return new Response("{}");
        const challenge = `Bearer realm="http://${host}/token",service="test"`;
        // It tells what it was shown, which is nobody's business.
        const body = { errors: [{ code: "UNAUTHORIZED", message: `you said ${shown}` }] };
        return Response.json(body, { status: 401, headers: { "WWW-Authenticate": challenge } });
      },
    });
    const address = `127.0.0.1:${server.port}`;
    const login = async (token: string): Promise<HiveResult> =>
      await at(home, ["login", address, "--token-stdin"], { stdin: `${token}\n` });
    const stored = async (): Promise<unknown> =>
      ((await Bun.file(join(home.path, config)).json()) as { auths: object }).auths;
    expect((await login(identity)).exitCode).toBe(0);
    expect(await stored()).toEqual({ [address]: { identitytoken: identity } });
    expect((await login(bearer)).exitCode).toBe(0);
    expect(await stored()).toEqual({ [address]: { registrytoken: bearer } });
    const other = crypto.randomUUID();
    const refused = await login(other);
    expect(refused.exitCode).toBe(5);
    expect(await leaks(other, [refused], { directory: home.path })).toEqual([]);
    expect(await stored()).toEqual({ [address]: { registrytoken: bearer } });
  });

  test("says so where nobody can tell whether the registry looked", async () => {
    await using home = await tempDirectory();
    using server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("{}") });
    const login = ["login", `127.0.0.1:${server.port}`, ...asMe, "--json"];
    const result = await at(home, login, { stdin: "x" });
    expect(result.stderr).toContain("lets everybody in");
    expect(JSON.parse(result.stdout)).toMatchObject({ checked: false });
  });

  test("knows the certificate authority of this machine's own registry", async () => {
    await using home = await tempDirectory();
    const env = { HIVE_REGISTRY_STORAGE: join(home.path, "storage") };
    const start = ["registry", "start", "--secure", "--port=0", "--detach", "--json"];
    const started = await at(home, start, { env });
    try {
      const { url, password: own } = JSON.parse(started.stdout) as Record<string, string>;
      const address = (url ?? "").slice("https://".length);
      const login = ["login", address, "--username=admin", "--password-stdin"];
      const result = await at(home, login, { stdin: own ?? "", env });
      expect([result.stderr, result.exitCode]).toEqual([expect.stringContaining("stored"), 0]);
      const named = await at(home, ["registry", "catalog", `--registry=${address}`], { env });
      expect(named.exitCode).toBe(0);
    } finally {
      await at(home, ["registry", "stop"], { env });
    }
  });

  test("leaves a password to the helper that config.json names, and logout takes it from there", async () => {
    await using home = await tempDirectory();
    const kept = join(home.path, "kept");
    await mkdir(join(home.path, ".docker"));
    await mkdir(join(home.path, "bin"));
    await writeFile(join(home.path, config), `{"credsStore":"test","other":1}`);
    const helper = join(home.path, "bin/docker-credential-test");
    await writeFile(
      helper,
      `#!/bin/sh
case $1 in
store) cat > ${kept} ;;
get) read -r key; grep -q "\\"ServerURL\\":\\"$key\\"" ${kept} 2>/dev/null && exec cat ${kept}; echo credentials not found in native keychain; exit 1 ;;
erase) rm ${kept} ;;
esac
`,
    );
    await chmod(helper, 0o755);
    const login = await at(home, ["login", users.address, ...asMe], { stdin: password });
    expect([login.exitCode, login.stderr]).toEqual([0, "docker-credential-test keeps it\n"]);
    expect(await readFile(kept, "utf8")).toContain(password);
    const catalog = await at(home, ["registry", "catalog", `--registry=${users.address}`]);
    expect(catalog.exitCode).toBe(0);
    const allowed = ["kept"];
    const results = [login, catalog];
    expect(await leaks(password, results, { directory: home.path, allowed })).toEqual([]);
    expect((await at(home, ["logout", users.address])).exitCode).toBe(0);
    expect(await Bun.file(kept).exists()).toBe(false);
    expect(await Bun.file(join(home.path, config)).json()).toEqual({
      credsStore: "test",
      other: 1,
      auths: {},
    });
  });

  test("several at once lose nothing of each other", async () => {
    await using home = await tempDirectory();
    const front = Array.from({ length: 4 }, () => processWatch(users.address, password));
    try {
      const results = await Promise.all(
        front.map(({ address }) => at(home, ["login", address, ...asMe], { stdin: password })),
      );
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
      const { auths } = (await Bun.file(join(home.path, config)).json()) as { auths: object };
      expect(Object.keys(auths).toSorted()).toEqual(front.map((each) => each.address).toSorted());
    } finally {
      for (const each of front) each[Symbol.dispose]();
    }
  });

  test("docker, skopeo and podman read what it stored", async () => {
    await using home = await tempDirectory();
    await at(home, ["login", users.address, ...asMe], { stdin: password });
    const file = join(home.path, config);
    const list = ["skopeo", "list-tags", "--tls-verify=false"];
    const name = `docker://${users.address}/none`;
    // Let in, it hears that there is no such repository.
    expect(await run([...list, `--authfile=${file}`, name]).catch(String)).toContain("404");
    expect(await run([...list, "--no-creds", name]).catch(String)).toContain("unauthorized");
    const podman = ["podman", "login", "--get-login", `--authfile=${file}`, users.address];
    expect(await run(podman)).toBe("me\n");
    const docker = async (directory: string): Promise<string> => {
      const inspect = ["manifest", "inspect", "--insecure", `${users.address}/none:1`];
      return await run(["docker", "--config", join(home.path, directory), ...inspect]).catch(
        String,
      );
    };
    expect(await docker(".docker")).toContain("no such manifest");
    expect(await docker("empty")).toContain("no basic auth credentials");
    // Docker's client leaves what it does not touch, and finds what it is to remove.
    await run(["docker", "--config", join(home.path, ".docker"), "logout", "other.test"]);
    const again = await at(home, ["registry", "catalog", `--registry=${users.address}`]);
    expect(again.exitCode).toBe(0);
    const logout = ["docker", "--config", join(home.path, ".docker"), "logout", users.address];
    expect(await run(logout)).toContain("Removing login credentials");
    const after = await at(home, ["registry", "catalog", `--registry=${users.address}`]);
    expect(after.exitCode).toBe(5);
  });

  test.each([
    { args: [], stdin: "x", says: "no terminal" },
    { args: ["--password-stdin"], stdin: "x", says: "user name" },
    { args: ["--username=a", "--password-stdin"], stdin: "", says: "empty password" },
    { args: ["--username=a:b", "--password-stdin"], stdin: "x", says: "no colon" },
    { args: ["--password-stdin", "--token-stdin"], stdin: "x", says: "--token-stdin" },
    { args: ["--token-stdin"], stdin: "a b", says: "no token" },
  ])("is a usage error: $args with $stdin", async ({ args, stdin, says }) => {
    await using home = await tempDirectory();
    const result = await at(home, ["login", users.address, ...args], { stdin });
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
    expect(result.stderr).toContain(says);
    expect(await readdir(home.path)).toEqual([]);
  });

  test("asks at a terminal, where the password does not show", async () => {
    await using home = await tempDirectory();
    const typescript = join(home.path, "typescript");
    const command = `${requireEnv("HIVE_BINARY")} login ${users.address}`;
    await using child = Bun.spawn(["script", "-qefc", command, typescript], {
      env: { PATH: process.env["PATH"], HOME: home.path, TERM: "xterm" },
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
      timeout: 60_000,
    });
    const type = async (question: string, answer: string): Promise<void> => {
      await waitUntil(question, 30_000, async () => {
        const file = Bun.file(typescript);
        return (await file.exists()) && (await file.text()).includes(question) ? true : undefined;
      });
      await child.stdin.write(answer);
      await child.stdin.flush();
    };
    await type("User name for", "mx\u007fe\r");
    // A key that moves the cursor, and a line that is taken back.
    await type("Password of me", `\u001b[Anonsense\u0015${password}\r`);
    expect(await child.exited).toBe(0);
    const shown = await Bun.file(typescript).text();
    expect(shown).toContain(`Logged in to ${users.address} as me`);
    expect(shown).not.toContain("nonsense");
    expect(await leaks(password, [], { directory: home.path })).toEqual([config]);
  });

  test("Ctrl-C at the terminal ends it", async () => {
    await using home = await tempDirectory();
    const typescript = join(home.path, "typescript");
    const command = `${requireEnv("HIVE_BINARY")} login ${users.address} -u me; stty -a`;
    await using child = Bun.spawn(["script", "-qefc", command, typescript], {
      env: { PATH: process.env["PATH"], HOME: home.path, TERM: "xterm" },
      stdin: "pipe",
      stdout: "ignore",
      stderr: "inherit",
      timeout: 60_000,
    });
    const has = async (text: string): Promise<true> =>
      await waitUntil(text, 30_000, async () => {
        const file = Bun.file(typescript);
        return (await file.exists()) && (await file.text()).includes(text) ? true : undefined;
      });
    await has("Password of me");
    await child.stdin.write("half\u0003");
    await child.stdin.flush();
    await has("Interrupted");
    await child.exited;
    const shown = await Bun.file(typescript).text();
    expect(shown).not.toContain("half");
    // The terminal is as it was.
    expect(shown).toMatch(/[^-]\bicanon\b/);
    expect(shown).toMatch(/[^-]\becho\b/);
  });
});
