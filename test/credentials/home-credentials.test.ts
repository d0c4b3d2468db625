import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join, relative } from "node:path";
import { homeCredentials, credentialHelpers } from "../../src/credentials/home-credentials.ts";
import { rejection } from "../support/rejection.ts";
import { run } from "../support/run.ts";
import { waitUntil } from "../support/wait-until.ts";
import { tempDirectory, type TempDirectory } from "../support/temp-directory.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

async function configured(
  config: unknown,
  helper = "",
  options?: Parameters<typeof homeCredentials>[1],
): Promise<{ directory: TempDirectory; look: ReturnType<typeof homeCredentials> }> {
  const directory = await tempDirectory();
  const text = typeof config === "string" ? config : JSON.stringify(config);
  await Bun.write(join(directory.path, "config.json"), text);
  const program = join(directory.path, "docker-credential-test");
  await Bun.write(program, `#!/bin/sh\n${helper}\n`);
  await chmod(program, 0o755);
  const env = { DOCKER_CONFIG: directory.path, PATH: `${directory.path}:${process.env["PATH"]}` };
  return { directory, look: homeCredentials(env, options) };
}

describe("homeCredentials()", () => {
  test.each([
    {
      what: "auth",
      config: { auths: { "r.test": { auth: base64("me:a:b") } } },
      host: "r.test",
      found: { username: "me", secret: "a:b" },
    },
    {
      what: "a URL as key",
      config: { auths: { "https://r.test": { auth: base64("me:x") } } },
      host: "r.test",
      found: { username: "me", secret: "x" },
    },
    {
      what: "a port",
      config: { auths: { "r.test:5000": { auth: base64("me:x") } } },
      host: "r.test:5000",
      found: { username: "me", secret: "x" },
    },
    {
      what: "Docker Hub's key",
      config: { auths: { "https://index.docker.io/v1/": { auth: base64("me:x") } } },
      host: "registry-1.docker.io",
      found: { username: "me", secret: "x" },
    },
    {
      what: "an identity token",
      config: { auths: { "r.test": { auth: base64("me:"), identitytoken: "t" } } },
      host: "r.test",
      found: { username: "", secret: "t" },
    },
    {
      what: "a token to show as it is",
      config: { auths: { "r.test": { registrytoken: "t" } } },
      host: "r.test",
      found: { bearer: "t" },
    },
    {
      what: "the key that docker writes for Docker Hub before others",
      config: {
        auths: {
          "docker.io": { auth: base64("me:old") },
          "https://index.docker.io/v1/": { auth: base64("me:new") },
        },
      },
      host: "docker.io",
      found: { username: "me", secret: "new" },
    },
    {
      what: "a host in capitals with the port of https",
      config: { auths: { "https://R.test:443/v1/": { auth: base64("me:x") } } },
      host: "r.test",
      found: { username: "me", secret: "x" },
    },
    {
      what: "no entry of what is only for a part of it",
      config: { auths: { "r.test/team": { auth: base64("me:x") } } },
      host: "r.test",
      found: undefined,
    },
    {
      what: "nothing from fields of other types",
      config: { auths: { "r.test": [], "s.test": null }, credHelpers: "x", credsStore: 3 },
      host: "r.test",
      found: undefined,
    },
    {
      what: "another host",
      config: { auths: { "r.test": { auth: base64("me:x") } } },
      host: "s.test",
      found: undefined,
    },
    {
      what: "an empty entry",
      config: { auths: { "r.test": {} } },
      host: "r.test",
      found: undefined,
    },
    { what: "an empty file", config: {}, host: "r.test", found: undefined },
  ])("reads $what", async ({ config, host, found }) => {
    const { directory, look } = await configured(config);
    await using _ = directory;
    expect(await look(host)).toEqual(found as never);
  });

  test("asks a helper by its host on standard input, once", async () => {
    const { directory, look } = await configured(
      { credHelpers: { "r.test": "test" } },
      `echo called >> "$(dirname "$0")/calls"; read host; echo "{\\"Username\\":\\"me\\",\\"Secret\\":\\"for $host\\"}"`,
    );
    await using _ = directory;
    expect(await Promise.all([look("r.test"), look("r.test")])).toEqual([
      { username: "me", secret: "for r.test" },
      { username: "me", secret: "for r.test" },
    ]);
    expect(await Bun.file(join(directory.path, "calls")).text()).toBe("called\n");
    expect(await look("s.test")).toBeUndefined();
  });

  test("takes a helper's token, and its word that it has nothing", async () => {
    const helper = `read host; test "$host" = r.test && echo '{"Username":"<token>","Secret":"t"}' && exit; echo credentials not found in native keychain; exit 1`;
    const { directory, look } = await configured({ credsStore: "test" }, helper);
    await using _ = directory;
    expect(await look("r.test")).toEqual({ username: "", secret: "t" });
    expect(await look("s.test")).toBeUndefined();
  });

  test.each([
    {
      what: "a helper that fails",
      config: { credsStore: "test" },
      helper: "echo s3cret; exit 3",
      message: "it ended with 3",
    },
    {
      what: "a helper that says something else",
      config: { credsStore: "test" },
      helper: "echo s3cret",
      message: "its answer is no JSON",
    },
    {
      what: "a helper that is not there",
      config: { credsStore: "nowhere" },
      helper: "",
      message: "it is not on PATH",
    },
    {
      what: "a helper that is a path",
      config: { credsStore: "../test" },
      helper: "",
      message: "it is not on PATH",
    },
    { what: "a broken file", config: "{ s3cret", helper: "", message: "it is no JSON" },
    { what: "a file of something else", config: "null", helper: "", message: "it is no JSON" },
  ])("tells $what, without a secret", async ({ config, helper, message }) => {
    const { directory, look } = await configured(config, helper);
    await using _ = directory;
    const error = await look("r.test").catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(message);
    expect(Bun.inspect(error)).not.toContain("s3cret");
  });

  test("takes what is for the smallest part of a registry, as podman writes it", async () => {
    const auth = (name: string): object => ({ auth: base64(`${name}:x`) });
    const { directory, look } = await configured({
      auths: {
        "r.test": auth("host"),
        "r.test/team": auth("team"),
        "r.test/team/app": auth("app"),
        "docker.io/library": auth("hub"),
      },
    });
    await using _ = directory;
    const name = async (host: string, repository?: string): Promise<unknown> =>
      ((await look(host, repository)) as { username: string } | undefined)?.username;
    expect(await name("r.test")).toBe("host");
    expect(await name("r.test", "teams/app")).toBe("host");
    expect(await name("r.test", "team/app")).toBe("app");
    expect(await name("r.test", "team/app/sub")).toBe("app");
    expect(await name("r.test", "team/base")).toBe("team");
    expect(await name("s.test", "team/app")).toBeUndefined();
    expect(await name("registry-1.docker.io", "library/alpine")).toBe("hub");
  });

  test("a part of a registry comes before the helper of it, and the helper before the file", async () => {
    const { directory, look } = await configured(
      {
        credsStore: "test",
        auths: { "r.test": { auth: base64("file:x") }, "r.test/team": { auth: base64("team:x") } },
      },
      `echo '{"Username":"helper","Secret":"s"}'`,
    );
    await using _ = directory;
    expect(await look("r.test", "team/app")).toEqual({ username: "team", secret: "x" });
    expect(await look("r.test", "other/app")).toEqual({ username: "helper", secret: "s" });
  });

  test("reads what podman stored, after what docker did", async () => {
    await using directory = await tempDirectory();
    const write = async (path: string, name: string, hosts: readonly string[]): Promise<void> => {
      const auths = hosts.map((host) => [host, { auth: base64(`${name}:x`) }]);
      const text = JSON.stringify({ auths: Object.fromEntries(auths) });
      await Bun.write(join(directory.path, path), text);
    };
    await write(".docker/config.json", "docker", ["a.test"]);
    await write("run/containers/auth.json", "run", ["a.test", "b.test"]);
    await write(".config/containers/auth.json", "config", ["a.test", "b.test", "c.test"]);
    await write("named.json", "named", ["a.test", "b.test"]);
    const found = async (env: Record<string, string>): Promise<unknown[]> => {
      const look = homeCredentials({ HOME: directory.path, ...env });
      const all = await Promise.all(["a.test", "b.test", "c.test"].map((host) => look(host)));
      return all.map((each) => (each as { username: string } | undefined)?.username);
    };
    const XDG_RUNTIME_DIR = join(directory.path, "run");
    expect(await found({})).toEqual(["docker", "config", "config"]);
    expect(await found({ XDG_RUNTIME_DIR })).toEqual(["docker", "run", "config"]);
    const REGISTRY_AUTH_FILE = join(directory.path, "named.json");
    expect(await found({ XDG_RUNTIME_DIR, REGISTRY_AUTH_FILE })).toEqual([
      "docker",
      "named",
      undefined,
    ]);
    expect(await found({ DOCKER_CONFIG: directory.path })).toEqual(["config", "config", "config"]);
  });

  test("reads what podman login writes", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "auth.json");
    const parts = ["podman", "login", "--username=me", "--password=x", "--tls-verify=false"];
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: ({ headers }) =>
        headers.has("authorization")
          ? new Response("{}")
          : new Response("", { status: 401, headers: { "WWW-Authenticate": "Basic realm=x" } }),
    });
    const host = `127.0.0.1:${server.port}`;
    await run([...parts, `--authfile=${path}`, host]);
    const look = homeCredentials({ REGISTRY_AUTH_FILE: path });
    expect(await look(host)).toEqual({ username: "me", secret: "x" });
  });

  test("shows a helper no credential of another registry", async () => {
    const { directory } = await configured({ credsStore: "test" }, `env > "$DOCKER_CONFIG/env"`);
    await using _ = directory;
    const env = {
      DOCKER_CONFIG: directory.path,
      PATH: `${directory.path}:${process.env["PATH"]}`,
      HIVE_REGISTRY_PASSWORD: "s3cret",
      HIVE_REGISTRY_TOKEN: "s3cret",
      HIVE_SRC_CREDS: "a:s3cret",
      HIVE_TOKEN: "s3cret",
      HIVE_REGISTRY: "kept.test",
    };
    await homeCredentials(env)("r.test").catch(() => undefined);
    const seen = await Bun.file(join(directory.path, "env")).text();
    expect(seen).not.toContain("s3cret");
    expect(seen).toContain("kept.test");
  });

  test("does not read on when a helper never ends its answer", async () => {
    const { directory, look } = await configured({ credsStore: "test" }, "yes s3cret");
    await using _ = directory;
    const error = await rejection(look("r.test"));
    expect(error).toMatchObject({ message: expect.stringContaining("its answer is too long") });
    expect(Bun.inspect(error)).not.toContain("s3cret");
  });

  test("lets a helper go when it is interrupted", async () => {
    const interrupt = new AbortController();
    const { directory, look } = await configured(
      { credsStore: "test" },
      `touch "$DOCKER_CONFIG/asked"; sleep 60`,
      { signal: interrupt.signal },
    );
    await using _ = directory;
    const asked = look("r.test");
    const failed = rejection(asked);
    await waitUntil("the helper is asked", 20_000, async () =>
      (await Bun.file(join(directory.path, "asked")).exists()) ? true : undefined,
    );
    interrupt.abort(new Error("Interrupted"));
    expect(await failed).toMatchObject({ message: "Interrupted" });
  });

  test("asks helpers one after the other, whoever is asked for again meanwhile", async () => {
    const { directory, look } = await configured(
      { credsStore: "test" },
      // Two at once: the second finds the directory of the first.
      `cd "$DOCKER_CONFIG"; mkdir running || exit 3; sleep 0.2; rmdir running; echo '{"Secret":"s"}'`,
    );
    await using _ = directory;
    const looked = ["a.test", "b.test", "a.test", "c.test"].map((host) => look(host));
    expect(await Promise.all(looked)).toEqual(looked.map(() => ({ username: "", secret: "s" })));
  });

  test("runs no helper that lies in the directory hive is run in", async () => {
    const { directory } = await configured({ credsStore: "test" }, `echo '{"Secret":"s"}'`);
    await using _ = directory;
    const env = { DOCKER_CONFIG: directory.path, PATH: relative(process.cwd(), directory.path) };
    const error = await homeCredentials(env)("r.test").catch(String);
    expect(error).toContain("it is not on PATH");
  });

  test("gives up on a helper that leaves a process behind and does not answer", async () => {
    const { directory, look } = await configured({ credsStore: "test" }, "sleep 3", {
      timeout: 100,
    });
    await using _ = directory;
    expect(look("r.test")).rejects.toThrow("no answer within 0.1 s");
  });

  test("has nothing without a home", async () => {
    expect(await homeCredentials({})("r.test")).toBeUndefined();
    expect(await homeCredentials({ HOME: "/nowhere" })("r.test")).toBeUndefined();
  });
});

test("credentialHelpers() names each program once", async () => {
  const { directory } = await configured({
    credsStore: "pass",
    credHelpers: { "a.test": "ecr-login", "b.test": "pass", "c.test": "" },
  });
  await using _ = directory;
  expect(await credentialHelpers({ DOCKER_CONFIG: directory.path })).toEqual([
    "docker-credential-pass",
    "docker-credential-ecr-login",
  ]);
  expect(await credentialHelpers({})).toEqual([]);
});
