import { describe, expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { eraseCredential } from "../../src/credentials/erase-credential.ts";
import { homeCredentials } from "../../src/credentials/home-credentials.ts";
import { storeCredential } from "../../src/credentials/store-credential.ts";
import { rejection } from "../support/rejection.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const credential = { username: "me", secret: "s3cret" };
const auth = Buffer.from("me:s3cret").toString("base64");

type Store = AsyncDisposable & {
  readonly directory: string;
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  document(): Promise<Record<string, unknown>>;
};

/** A directory for docker with a helper, `test`, that keeps what it is given in a file there. */
async function store(config?: unknown): Promise<Store> {
  const temporary = await tempDirectory();
  const directory = temporary.path;
  const path = join(directory, "config.json");
  if (config !== undefined) {
    await Bun.write(path, typeof config === "string" ? config : JSON.stringify(config));
  }
  const helper = `#!/bin/sh
cd "$DOCKER_CONFIG"
input=$(cat)
echo "$1" >> calls
case $1 in
store) printf '%s' "$input" > "kept" ;;
get) grep -q "\\"ServerURL\\":\\"$input\\"" kept 2>/dev/null && cat kept || { echo credentials not found in native keychain; exit 1; } ;;
erase) grep -q "\\"ServerURL\\":\\"$input\\"" kept && rm kept ;;
esac
`;
  await Bun.write(join(directory, "docker-credential-test"), helper);
  await Bun.write(join(directory, "docker-credential-broken"), `#!/bin/sh\ncat; exit 7\n`);
  for (const name of ["test", "broken"]) {
    await chmod(join(directory, `docker-credential-${name}`), 0o755);
  }
  return {
    directory,
    path,
    env: { DOCKER_CONFIG: directory, PATH: `${directory}:${process.env["PATH"]}` },
    document: async () => (await Bun.file(path).json()) as Record<string, unknown>,
    [Symbol.asyncDispose]: async () => await temporary[Symbol.asyncDispose](),
  };
}

describe("storeCredential()", () => {
  test("removes what one left that was killed while it wrote, and nothing else", async () => {
    await using s = await store({});
    for (const name of [".config.json.0123abcd", ".config.json.swp", "config.json.0123abcd"]) {
      await Bun.write(join(s.directory, name), auth);
    }
    await storeCredential(s.path, "r.test", credential, s);
    const left = (await readdir(s.directory)).filter((name) => name.includes("config.json"));
    expect(left.toSorted()).toEqual([".config.json.swp", "config.json", "config.json.0123abcd"]);
  });

  test("writes what docker would, for its owner's eyes, where there was nothing", async () => {
    await using s = await store();
    const path = join(s.directory, "new/config.json");
    expect(await storeCredential(path, "r.test", credential, s)).toEqual({ path });
    expect(await readFile(path, "utf8")).toBe(
      `{\n\t"auths": {\n\t\t"r.test": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n}`,
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(s.directory, "new"))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(s.directory, "new"))).toEqual(["config.json"]);
  });

  test("keeps all else, and the way it was written", async () => {
    const rest = {
      psFormat: "table {{.Names}}",
      plugins: { x: { hooks: "a" } },
      credHelpers: { "other.test": "pass" },
    };
    const config = {
      auths: { "a.test": { auth: "YTpi" }, "r.test": { auth: "b2xk", email: "me@r.test" } },
      ...rest,
    };
    await using s = await store(`${JSON.stringify(config, undefined, 2)}\n`);
    await chmod(s.path, 0o644);
    await storeCredential(s.path, "r.test", credential, s);
    const text = await readFile(s.path, "utf8");
    const auths = { "a.test": { auth: "YTpi" }, "r.test": { email: "me@r.test", auth } };
    expect(text).toBe(`${JSON.stringify({ auths, ...rest }, undefined, 2)}\n`);
    expect((await stat(s.path)).mode & 0o777).toBe(0o600);
  });

  test("uses Docker Hub's key, and fields for tokens", async () => {
    await using s = await store({});
    await storeCredential(s.path, "docker.io", credential, s);
    await storeCredential(s.path, "b.test", { bearer: "t" }, s);
    await storeCredential(s.path, "i.test", { username: "", secret: "t" }, s);
    expect((await s.document())["auths"]).toEqual({
      "https://index.docker.io/v1/": { auth },
      "b.test": { registrytoken: "t" },
      "i.test": { identitytoken: "t" },
    });
    const look = homeCredentials(s.env);
    expect(await look("docker.io")).toEqual(credential);
    expect(await look("b.test")).toEqual({ bearer: "t" });
    expect(await look("i.test")).toEqual({ username: "", secret: "t" });
  });

  test("follows a link, which stays one", async () => {
    await using s = await store();
    await mkdir(join(s.directory, "dotfiles"));
    await Bun.write(join(s.directory, "dotfiles/docker.json"), `{"x":1}`);
    await symlink("dotfiles/docker.json", s.path);
    await storeCredential(s.path, "r.test", credential, s);
    expect(await readlink(s.path)).toBe("dotfiles/docker.json");
    expect(await s.document()).toEqual({ x: 1, auths: { "r.test": { auth } } });
  });

  test("leaves alone what it can't read", async () => {
    await using s = await store(`{ "auths": s3cret`);
    const error = await rejection(storeCredential(s.path, "r.test", credential, s));
    expect(Bun.inspect(error)).not.toContain("s3cret");
    expect(await readFile(s.path, "utf8")).toBe(`{ "auths": s3cret`);
  });

  test("says what keeps it from being written", async () => {
    await using s = await store({});
    // A file where the directory should be.
    const failed = storeCredential(join(s.path, "config.json"), "r.test", credential, s);
    expect(await rejection(failed)).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("Cannot write"),
    });
  });

  test("loses nothing of those who log in at the same time", async () => {
    await using s = await store({});
    const hosts = Array.from({ length: 12 }, (_, index) => `r${index}.test`);
    const room = join(import.meta.dir, "../../src/credentials/store-credential.ts");
    const script = `
      const { storeCredential } = await import(${JSON.stringify(room)});
      const [path, ...hosts] = process.argv.slice(1);
      for (const host of hosts) await storeCredential(path, host, { username: host, secret: "x" }, { env: {} });`;
    await Promise.all(
      [0, 1, 2].map((part) =>
        run([process.execPath, "-e", script, s.path, ...hosts.filter((_, at) => at % 3 === part)]),
      ),
    );
    const auths = (await s.document())["auths"] as object;
    expect(Object.keys(auths).toSorted()).toEqual(hosts.toSorted());
    expect((await readdir(s.directory)).filter((name) => name.includes("lock"))).toEqual([]);
  });

  test.each([{ credsStore: "test" }, { credHelpers: { "r.test": "test" }, credsStore: "broken" }])(
    "has the helper keep it that the file names: %j",
    async (config) => {
      await using s = await store(config);
      const helper = "docker-credential-test";
      expect(await storeCredential(s.path, "r.test", credential, s)).toEqual({
        path: s.path,
        helper,
      });
      expect(await s.document()).toEqual({ ...config, auths: { "r.test": {} } });
      expect(await Bun.file(join(s.directory, "kept")).json()).toEqual({
        ServerURL: "r.test",
        Username: "me",
        Secret: "s3cret",
      });
      expect(await homeCredentials(s.env)("r.test")).toEqual(credential);
      expect(await eraseCredential([s.path], "r.test", s)).toEqual([helper, s.path]);
      expect(await homeCredentials(s.env)("r.test")).toBeUndefined();
      expect(await s.document()).toEqual({ ...config, auths: {} });
    },
  );

  test("a token that is shown as it is takes the place of what a helper has", async () => {
    await using s = await store({ credsStore: "test" });
    await storeCredential(s.path, "r.test", credential, s);
    await storeCredential(s.path, "r.test", { bearer: "t" }, s);
    expect(await homeCredentials(s.env)("r.test")).toEqual({ bearer: "t" });
  });

  test("stores nothing where the helper does not, and shows nothing of what it printed", async () => {
    await using s = await store({ credsStore: "broken" });
    const error = await rejection(storeCredential(s.path, "r.test", credential, s));
    expect(error).toMatchObject({
      kind: "failed",
      message: expect.stringContaining('docker-credential-broken for "r.test": it ended with 7'),
    });
    expect(Bun.inspect(error)).not.toContain("s3cret");
    expect(await s.document()).toEqual({ credsStore: "broken" });
  });
});

describe("eraseCredential()", () => {
  test("finds all forms of a host, and parts of it, in all files", async () => {
    const entry = { auth };
    await using s = await store({
      auths: {
        "r.test": entry,
        "https://r.test/v1/": entry,
        "r.test/team": entry,
        "r.test:5000": entry,
        "r.test.evil": entry,
      },
    });
    const other = join(s.directory, "auth.json");
    await Bun.write(other, JSON.stringify({ auths: { "r.test/a/b": entry } }));
    const missing = join(s.directory, "missing.json");
    expect(await eraseCredential([s.path, missing, other], "r.test", s)).toEqual([s.path, other]);
    expect(await s.document()).toEqual({ auths: { "r.test:5000": entry, "r.test.evil": entry } });
    expect(await Bun.file(other).json()).toEqual({ auths: {} });
    expect(await Bun.file(missing).exists()).toBe(false);
    expect(await eraseCredential([s.path, other], "r.test", s)).toEqual([]);
  });

  test("erases what it can, and says what it can't", async () => {
    await using s = await store({ credsStore: "broken", auths: { "r.test": { auth } } });
    const other = join(s.directory, "auth.json");
    await Bun.write(other, JSON.stringify({ auths: { "r.test": { auth } } }));
    const error = await rejection(eraseCredential([s.path, other], "r.test", s));
    expect(error).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("docker-credential-broken"),
    });
    expect((await s.document())["auths"]).toEqual({});
    expect(await Bun.file(other).json()).toEqual({ auths: {} });
  });
});
