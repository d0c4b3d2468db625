import { describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { openRemote } from "../../../src/cli/registry/open-remote.ts";
import { openSide, sideFlags } from "../../../src/cli/registry/open-side.ts";
import { commandApp } from "../../support/command-app.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

type Listener = Disposable & { readonly address: string; readonly shown: Set<string | null> };

/** Lets everybody in who shows something. */
function listener(): Listener {
  const shown = new Set<string | null>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ headers }) {
      const authorization = headers.get("authorization");
      shown.add(authorization);
      if (authorization !== null) return new Response("{}");
      return new Response("", { status: 401, headers: { "WWW-Authenticate": "Basic realm=x" } });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    shown,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

/** Opens both sides and asks them. */
async function both(
  flags: Readonly<Record<string, unknown>>,
  [src, dest]: readonly [Listener, Listener],
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const { app, said } = commandApp(env, Object.keys(flags));
  const opened = [
    await openSide(app, flags, "src", src.address),
    await openSide(app, flags, "dest", dest.address),
  ];
  for (const registry of opened) await registry.ping().catch(() => undefined);
  return said;
}

describe("openSide()", () => {
  test("shows each registry what is for its side", async () => {
    using src = listener();
    using dest = listener();
    const said = await both({ "src-creds": "a:one", "dest-token": "two" }, [src, dest]);
    expect([...src.shown]).toEqual([null, basic("a:one")]);
    expect([...dest.shown]).toEqual(["Bearer two"]);
    expect(said.map((text) => /--[\w-]+/.exec(text)?.[0])).toEqual(["--src-creds", "--dest-token"]);
    expect(said.join()).not.toMatch(/one|two/);
  });

  test.each([
    { creds: "a:s3cret" },
    { token: "s3cret" },
    { auth: "env" },
    { credsfile: "creds" },
  ] as const)("gives a password for both sides to one registry only: %j", async (flags) => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "creds");
    await Bun.write(path, "HIVE_REGISTRY_TOKEN=s3cret");
    await chmod(path, 0o600);
    const used = "credsfile" in flags ? { credsfile: path } : flags;
    const env = { HIVE_REGISTRY_USER: "a", HIVE_REGISTRY_PASSWORD: "s3cret" };
    using src = listener();
    using dest = listener();
    const error = await rejection(both(used, [src, dest], env));
    const [name] = Object.keys(flags);
    expect(error).toMatchObject({
      kind: "usage",
      message: expect.stringContaining(`--${name}`),
      hint: expect.stringContaining(`--src-${name}`),
    });
    expect(Bun.inspect(error)).not.toContain("s3cret");
    expect([...src.shown, ...dest.shown]).toEqual([]);
    await both(used, [src, src], env);
    expect([...src.shown].join()).toMatch(/Basic|Bearer s3cret/);
  });

  test("a file for both sides says itself what is for which registry", async () => {
    using src = listener();
    using dest = listener();
    await using directory = await tempDirectory();
    const authfile = join(directory.path, "auth.json");
    const auth = (text: string): object => ({ auth: Buffer.from(text).toString("base64") });
    const auths = { [src.address]: auth("a:one"), [dest.address]: auth("b:two") };
    await Bun.write(authfile, JSON.stringify({ auths }));
    expect(await both({ authfile }, [src, dest])).toEqual([]);
    expect([...src.shown]).toEqual([null, basic("a:one")]);
    expect([...dest.shown]).toEqual([null, basic("b:two")]);
    src.shown.clear();
    dest.shown.clear();
    await both({ authfile, "src-auth": "none" }, [src, dest]);
    expect([...src.shown]).toEqual([null]);
    expect([...dest.shown]).toEqual([null, basic("b:two")]);
  });

  test("what the environment has goes to the registry that it names, and nowhere else", async () => {
    using src = listener();
    using dest = listener();
    const secrets = { HIVE_REGISTRY_USER: "a", HIVE_REGISTRY_PASSWORD: "one" };
    await both({}, [src, dest], { ...secrets, HIVE_REGISTRY: `http://${dest.address}/team` });
    expect([...src.shown]).toEqual([null]);
    expect([...dest.shown]).toEqual([null, basic("a:one")]);
    dest.shown.clear();
    const said = await both({}, [src, dest], secrets);
    expect([...src.shown, ...dest.shown]).toEqual([null, null]);
    expect(said.join()).toContain("--auth=env");
    await both({ "src-auth": "env" }, [src, dest], secrets);
    expect([...src.shown]).toEqual([null, basic("a:one")]);
  });

  test("takes flags for connections by side, and those for both else", async () => {
    const origin = async (flags: object, side: "src" | "dest"): Promise<string> => {
      const { app } = commandApp({});
      return (await openSide(app, { ...flags }, side, "r.test")).origin;
    };
    expect(await origin({ "src-plain-http": true }, "src")).toBe("http://r.test");
    expect(await origin({ "src-plain-http": true }, "dest")).toBe("https://r.test");
    expect(await origin({ "plain-http": true }, "dest")).toBe("http://r.test");
    expect(await origin({ "plain-http": true, "src-plain-http": false }, "src")).toBe(
      "https://r.test",
    );
    const missing = origin({ "ca-cert": "/dev/null", "dest-ca-cert": "/none" }, "dest");
    expect(await rejection(missing)).toMatchObject({ message: expect.stringContaining("/none") });
  });

  test("has a flag for each side for every flag for both", () => {
    const names = Object.keys(sideFlags);
    const bare = names.filter((name) => !/^(?:src|dest)-/.test(name));
    expect(bare).toContain("authfile");
    expect(names.toSorted()).toEqual(
      bare.flatMap((name) => [name, `src-${name}`, `dest-${name}`]).toSorted(),
    );
  });
});

describe("openRemote()", () => {
  test("warns of secrets on the command line once, and of none in the environment", async () => {
    const line = commandApp({}, ["creds"]);
    await openRemote(line.app, { creds: "a:s3cret" }, "r.test");
    await openRemote(line.app, { creds: "a:s3cret" }, "r.test");
    expect(line.said).toEqual([expect.stringMatching(/^warning: .*--creds/)]);
    const environment = commandApp({ HIVE_REGISTRY_CREDS: "a:s3cret" });
    await openRemote(environment.app, { creds: "a:s3cret" }, "r.test");
    expect(environment.said).toEqual([]);
  });

  test.each([
    [{ creds: "s3cret" }, "--creds"],
    [{ creds: ":s3cret" }, "--creds"],
    [{ token: "s3c ret" }, "--token"],
    [{ auth: "env" }, "no credential in the environment"],
    [{ authfile: "/none" }, "/none"],
  ] as const)("refuses %j", async (flags, message) => {
    const { app } = commandApp({}, Object.keys(flags));
    const error = await rejection(openRemote(app, flags, "r.test"));
    expect(error).toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
    expect(Bun.inspect(error)).not.toMatch(/s3c ?ret/);
  });
});
