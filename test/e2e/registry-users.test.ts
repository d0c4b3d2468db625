import { describe, expect, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { run } from "../support/run.ts";
import { requireEnv } from "../support/require-env.ts";
import { type HiveResult, runHive } from "../support/run-hive.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { waitUntil } from "../support/wait-until.ts";

type Secure = AsyncDisposable & {
  readonly storage: string;
  readonly url: string;
  readonly authority: string;
  readonly password: string;
  hive(...args: string[]): Promise<HiveResult>;
  /** The status of `GET /v2/` with credentials, as `name:password`. */
  ask(credentials: string): Promise<string>;
};

async function startSecurely(...flags: readonly string[]): Promise<Secure> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const storage = join(directory.path, "storage");
  const env = { HIVE_REGISTRY_STORAGE: storage };
  const hive = (...args: string[]): Promise<HiveResult> => runHive(["registry", ...args], { env });
  const started = await hive("start", "--secure", "--port=0", "--detach", "--json", ...flags);
  stack.defer(async () => void (await hive("stop")));
  expect(started.stderr).toBe("");
  const { url, authority, password } = JSON.parse(started.stdout) as Record<string, string>;
  const owned = stack.move();
  return {
    storage,
    url: url ?? "",
    authority: authority ?? "",
    password: password ?? "",
    hive,
    ask: async (credentials) => {
      const command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-u", credentials];
      return await run([...command, "--cacert", authority ?? "", `${url}/v2/`]);
    },
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  };
}

describe("hive registry start --secure", () => {
  test("has an administrator whose password is told once, and kept nowhere", async () => {
    await using s = await startSecurely();
    expect(s.password).toMatch(/^[a-z2-9]{28}$/);
    expect(await s.ask(`admin:${s.password}`)).toBe("200");
    expect(await s.ask("admin:wrong")).toBe("401");
    await s.hive("stop");
    const again = await s.hive("start", "--secure", "--port=0", "--detach", "--json");
    expect(again.stdout).not.toContain("password");
    expect(again.exitCode).toBe(0);
    const stored = await run(["grep", "-rlF", s.password, s.storage]).catch(String);
    expect(stored).toContain("failed with 1");
    expect((await stat(join(s.storage, "users"))).mode & 0o777).toBe(0o600);
  });

  test("speaks TLS alone, for the names that it is given, and to nobody without a password", async () => {
    await using s = await startSecurely("--name=registry.acme.test", "--san=10.1.2.3,alias.test");
    const certificate = join(s.storage, "certificates/server.crt");
    const names = await run([
      "openssl",
      "x509",
      "-in",
      certificate,
      "-noout",
      "-ext",
      "subjectAltName",
    ]);
    for (const name of ["registry.acme.test", "alias.test", hostname(), "localhost"]) {
      expect(names).toContain(`DNS:${name}`);
    }
    for (const name of ["127.0.0.1", "10.1.2.3"]) expect(names).toContain(`IP Address:${name}`);
    expect((await fetch(`${s.url}/v2/`, { tls: { ca: Bun.file(s.authority) } })).status).toBe(401);
    expect(fetch(`${s.url.replace("https:", "http:")}/v2/`)).rejects.toThrow();
    for (const key of ["ca.key", "server.key"]) {
      expect((await stat(join(s.storage, "certificates", key))).mode & 0o777).toBe(0o600);
    }
  });

  test.each([{ flags: [] }, { flags: ["--detach"] }])(
    "tells the password when it starts at last: %j",
    async ({ flags }) => {
      await using directory = await tempDirectory();
      const storage = join(directory.path, "storage");
      using taken = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
      const options = { env: { HIVE_REGISTRY_STORAGE: storage } };
      const start = ["registry", "start", "--secure"];
      const failed = await runHive([...start, `--port=${taken.port}`, ...flags], options);
      expect(failed.exitCode).toBe(1);
      expect(failed.stderr).toContain("it is in use");
      const started = await runHive([...start, "--port=0", "--detach"], options);
      await runHive(["registry", "stop"], options);
      expect(started.stdout).toMatch(/^password: \S{28}$/m);
    },
  );
});

describe("hive registry user", () => {
  test("adds and removes users of a registry that runs", async () => {
    await using s = await startSecurely();
    const added = await s.hive("user", "add", "dev", "--grant=write=dev/**,read");
    expect(added.stderr).toContain("shown here and never again");
    const password = added.stdout.trim();
    await waitUntil("the new user is let in", 10_000, async () =>
      (await s.ask(`dev:${password}`)) === "200" ? true : undefined,
    );
    const list = await s.hive("user", "list", "--json");
    expect(JSON.parse(list.stdout)).toEqual([
      { name: "admin", grants: "admin" },
      { name: "dev", grants: "write=dev/**,read" },
    ]);
    expect((await s.hive("user", "list")).stdout).toBe(
      "USER   MAY\nadmin  admin\ndev    write=dev/**,read\n",
    );
    const more = await s.hive("user", "add", "ops", "--json");
    expect(JSON.parse(more.stdout)).toEqual({
      name: "ops",
      path: join(s.storage, "users"),
      password: expect.stringMatching(/^\S{28}$/),
    });
    const removed = await s.hive("user", "remove", "dev", "--json");
    expect(JSON.parse(removed.stdout)).toMatchObject({ name: "dev" });
    await waitUntil("the user is out", 10_000, async () =>
      (await s.ask(`dev:${password}`)) === "401" ? true : undefined,
    );
  });

  test("reads a password from standard input, and hashes it", async () => {
    await using directory = await tempDirectory();
    const file = join(directory.path, "users");
    const binary = requireEnv("HIVE_BINARY");
    const add = `printf 'given\\n' | "${binary}" registry user add ci --password-stdin --htpasswd "${file}"`;
    expect(await run(["sh", "-c", add])).toBe("");
    const [, hash = ""] = (await readFile(file, "utf8")).split(":");
    expect(await Bun.password.verify("given", hash)).toBe(true);
    const long = `head -c 100 /dev/zero | tr '\\0' x | "${binary}" registry user add ci --password-stdin --htpasswd "${file}"`;
    expect(await run(["sh", "-c", long]).catch(String)).toContain("longer than 72 bytes");
  });
});

describe("hive registry trust", () => {
  test("prints what makes a tool trust the registry", async () => {
    await using s = await startSecurely();
    const { stdout } = await s.hive("trust", "--print", "--tool=docker");
    const place = `/etc/docker/certs.d/${s.url.slice("https://".length)}`;
    const prefix = process.geteuid?.() === 0 ? "" : "sudo ";
    expect(stdout).toBe(
      `${prefix}mkdir -p ${place}\n${prefix}install -m 0644 ${s.authority} ${place}/ca.crt\n`,
    );
    const json = await s.hive("trust", "--print", "--tool=docker", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      authority: s.authority,
      fingerprint: expect.stringMatching(/^[0-9A-F:]{95}$/),
      tools: ["docker"],
      commands: stdout,
    });
    const stopped = await s.hive("stop", "--json");
    expect(JSON.parse(stopped.stdout)).toMatchObject({ stopped: true, url: s.url });
    expect(JSON.parse((await s.hive("stop", "--json")).stdout)).toMatchObject({ stopped: false });
  });

  test.each([
    [["--registry=a:5000"], "Give both --registry and --ca-cert, or none of them"],
    [["--tool=ie6", "--registry=a:5000", "--ca-cert=ca.crt"], "there is no such file"],
    [["--storage=/nowhere"], 'No registry is running on "/nowhere"'],
  ])("refuses %j", async (flags, message) => {
    const result = await runHive(["registry", "trust", ...flags]);
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain(message);
  });

  test("refuses a file that is no authority's", async () => {
    await using directory = await tempDirectory();
    const file = join(directory.path, "server.crt");
    const make = `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=a -addext basicConstraints=CA:FALSE -keyout ${file}.key -out ${file}`;
    await run(make.split(" "));
    const result = await runHive(["registry", "trust", "--registry=a:5000", `--ca-cert=${file}`]);
    expect([result.exitCode, result.stderr]).toEqual([
      2,
      `error: Cannot use "${file}": it is no certificate of an authority\nhint: Give ca.crt from the machine that the registry runs on.\n`,
    ]);
  });
});
