import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join, relative } from "node:path";
import { homeCredentials, credentialHelpers } from "../../src/credentials/home-credentials.ts";
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
