import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { findEngine } from "../../src/docker/find-engine.ts";
import { tempDirectory, type TempDirectory } from "../support/temp-directory.ts";

type Context = { readonly host?: string; readonly unverified?: boolean; readonly tls?: object };

/** A home with contexts as `docker context create` makes them. */
async function home(
  contexts: Readonly<Record<string, Context>> = {},
  currentContext?: string,
): Promise<TempDirectory & { readonly env: Record<string, string> }> {
  const directory = await tempDirectory();
  const docker = join(directory.path, ".docker");
  await Bun.write(join(docker, "config.json"), JSON.stringify({ auths: {}, currentContext }));
  for (const [name, { host, unverified = false, tls = {} }] of Object.entries(contexts)) {
    const id = createHash("sha256").update(name).digest("hex");
    const endpoint = host === undefined ? {} : { Host: host, SkipTLSVerify: unverified };
    const meta = { Name: name, Metadata: {}, Endpoints: { docker: endpoint } };
    await Bun.write(join(docker, "contexts/meta", id, "meta.json"), JSON.stringify(meta));
    for (const [file, text] of Object.entries(tls)) {
      await Bun.write(join(docker, "contexts/tls", id, "docker", file), String(text));
    }
  }
  return Object.assign(directory, { env: { HOME: directory.path } });
}

function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

const contexts = {
  build: {
    host: "tcp://build.test:2376",
    tls: { "ca.pem": "CA", "cert.pem": "C", "key.pem": "K" },
  },
  colima: { host: "unix:///home/me/.colima/docker.sock" },
  lax: { host: "tcp://lax.test:2376", unverified: true },
  plain: { host: "tcp://plain.test:2375" },
};

const build = { kind: "tcp", host: "build.test:2376", tls: { ca: "CA", cert: "C", key: "K" } };
const colima = { kind: "unix", path: "/home/me/.colima/docker.sock" };
const host = { kind: "unix", path: "/host.sock" };
const usual = { kind: "unix", path: expect.stringMatching(/\/var\/run\/docker\.sock$/) };

describe("findEngine()", () => {
  test.each([
    { what: "nothing", env: {}, found: usual },
    { what: "DOCKER_HOST", env: { DOCKER_HOST: "unix:///host.sock" }, found: host },
    { what: "DOCKER_CONTEXT", env: { DOCKER_CONTEXT: "colima" }, found: colima },
    { what: "the current context", env: {}, current: "build", found: build },
    {
      what: "DOCKER_HOST before DOCKER_CONTEXT and the current one",
      env: { DOCKER_HOST: "unix:///host.sock", DOCKER_CONTEXT: "colima" },
      current: "build",
      found: host,
    },
    {
      what: "DOCKER_CONTEXT before the current one",
      env: { DOCKER_CONTEXT: "colima" },
      current: "build",
      found: colima,
    },
    {
      what: "the address's context before all",
      env: { DOCKER_HOST: "unix:///host.sock" },
      context: "build",
      found: build,
    },
    {
      what: "the default context, which is DOCKER_HOST",
      env: { DOCKER_HOST: "unix:///host.sock" },
      context: "default",
      current: "build",
      found: host,
    },
    {
      what: "the default context over the current one",
      env: { DOCKER_CONTEXT: "default" },
      current: "build",
      found: usual,
    },
    {
      what: "a context without TLS",
      env: {},
      context: "plain",
      found: { kind: "tcp", host: "plain.test:2375" },
    },
    {
      what: "a context that looks at no certificate",
      env: {},
      context: "lax",
      found: { kind: "tcp", host: "lax.test:2376", tls: { unverified: true } },
    },
    {
      what: "empty variables as none",
      env: { DOCKER_HOST: "", DOCKER_CONTEXT: "" },
      current: "colima",
      found: colima,
    },
  ])("takes $what", async ({ env, context, current, found }) => {
    await using me = await home(contexts, current);
    const root = join(me.path, "root");
    expect(findEngine({ env: { ...me.env, ...env }, context }, { root, uid: 1 })).toEqual(
      found as never,
    );
  });

  test("names a context that nobody knows, and those that there are", async () => {
    await using me = await home(contexts);
    const env = { ...me.env, DOCKER_CONTEXT: "biuld" };
    expect(thrown(() => findEngine({ env }))).toMatchObject({
      kind: "usage",
      message: 'Docker has no context "biuld", which DOCKER_CONTEXT names',
      hint: 'Did you mean "build"? Docker\'s contexts are: default, build, colima, lax, plain.',
    });
    expect(thrown(() => findEngine({ env: {}, context: "x" }))).toMatchObject({ kind: "usage" });
  });

  test.each([
    { what: "a context without an engine", contexts: { x: {} }, message: "names no engine" },
    {
      what: "npipe",
      contexts: { x: { host: "npipe:////x" } },
      message: "hive can't dial npipe://",
    },
    {
      what: "a certificate without its key",
      contexts: { x: { host: "tcp://a:1", tls: { "cert.pem": "s3cret" } } },
      message: "a certificate needs its key",
    },
  ])("refuses $what", async ({ contexts: broken, message }) => {
    await using me = await home(broken);
    const error = thrown(() => findEngine({ env: me.env, context: "x" }));
    expect(error).toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
    expect(Bun.inspect(error)).not.toContain("s3cret");
  });

  test("quotes nothing of a config.json that it can't read", async () => {
    await using me = await home();
    await Bun.write(join(me.path, ".docker/config.json"), '{ "auths": "s3cret');
    const error = thrown(() => findEngine({ env: me.env }));
    expect(error).toMatchObject({
      kind: "usage",
      message: expect.stringContaining("it is no JSON"),
    });
    expect(Bun.inspect(error)).not.toContain("s3cret");
    expect(findEngine({ env: { ...me.env, DOCKER_HOST: "unix:///host.sock" } })).toEqual(
      host as never,
    );
  });

  test("has TLS for DOCKER_HOST from DOCKER_CERT_PATH, else from docker's own directory", async () => {
    await using me = await home();
    const env = { ...me.env, DOCKER_HOST: "tcp://a.test:2376", DOCKER_TLS_VERIFY: "1" };
    const address = { kind: "tcp", host: "a.test:2376" };
    expect(findEngine({ env })).toEqual({ ...address, tls: {} } as never);
    for (const name of ["ca", "cert", "key"]) {
      await Bun.write(join(me.path, ".docker", `${name}.pem`), `my ${name}`);
      await Bun.write(join(me.path, "certs", `${name}.pem`), name);
    }
    const mine = { ca: "my ca", cert: "my cert", key: "my key" };
    expect(findEngine({ env })).toEqual({ ...address, tls: mine } as never);
    const DOCKER_CERT_PATH = join(me.path, "certs");
    const told = { ca: "ca", cert: "cert", key: "key" };
    expect(findEngine({ env: { ...env, DOCKER_CERT_PATH } })).toEqual({
      ...address,
      tls: told,
    } as never);
    expect(findEngine({ env: { ...env, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY: "" } })).toEqual(
      address as never,
    );
    const nowhere = { ...env, DOCKER_CERT_PATH: join(me.path, "none") };
    expect(thrown(() => findEngine({ env: nowhere }))).toMatchObject({
      kind: "usage",
      message: expect.stringContaining("none/ca.pem"),
    });
  });

  test("takes the first socket of this machine that is there", async () => {
    await using me = await home();
    const root = join(me.path, "root");
    const env = { ...me.env, XDG_RUNTIME_DIR: join(me.path, "xdg") };
    const look = (): unknown => findEngine({ env }, { root, uid: 7 });
    const nearest = [
      join(me.path, ".docker/desktop/docker.sock"),
      join(me.path, ".docker/run/docker.sock"),
      join(root, "run/user/7/docker.sock"),
      join(me.path, "xdg/docker.sock"),
      join(root, "var/run/docker.sock"),
    ];
    expect(look()).toEqual({ kind: "unix", path: nearest.at(-1) });
    for (const path of nearest) {
      await Bun.write(path, "");
      expect(look()).toEqual({ kind: "unix", path });
    }
  });

  test("looks for Podman where podman does", async () => {
    await using me = await home({}, "of docker");
    const root = join(me.path, "root");
    const env = { ...me.env, DOCKER_HOST: "unix:///host.sock" };
    const look = (more: object = {}): unknown =>
      findEngine({ env: { ...env, ...more }, kind: "podman" }, { root, uid: 7 });
    await Bun.write(join(root, "run/podman/podman.sock"), "");
    expect(look()).toEqual({ kind: "unix", path: join(root, "run/podman/podman.sock") });
    await Bun.write(join(root, "run/user/7/podman/podman.sock"), "");
    expect(look()).toEqual({ kind: "unix", path: join(root, "run/user/7/podman/podman.sock") });
    expect(look({ CONTAINER_HOST: "tcp://a.test:1" })).toEqual({ kind: "tcp", host: "a.test:1" });
    expect(thrown(() => look({ CONTAINER_HOST: "fd://a" }))).toMatchObject({
      message: expect.stringContaining("CONTAINER_HOST"),
    });
  });
});
