import { describe, expect, test } from "bun:test";
import {
  createHandovers,
  type HandoverMode,
} from "../../../src/build/handover/create-handovers.ts";
import { findDamage } from "../../../src/build/handover/find-damage.ts";
import type { Handover } from "../../../src/build/handover/handover.ts";
import { openKnownWays } from "../../../src/build/handover/known-ways.ts";
import { probeRegistry } from "../../../src/build/handover/probe-registry.ts";
import { BuildkitError } from "../../../src/buildkit/buildkit-error.ts";
import { HiveError } from "../../../src/base/hive-error.ts";
import { type Buildkit, connectBuildkit } from "../../../src/buildkit/connect-buildkit.ts";
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { serveRegistry } from "../../../src/registry/serve-registry.ts";
import { build, connectTestDaemon, freshTree, textFile } from "../../buildkit/build.ts";
import { startBuildkitd } from "../../support/buildkitd.ts";
import { requireEnv } from "../../support/require-env.ts";
import { rejection } from "../../support/rejection.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { sampleTarget } from "../sample-target.ts";

type Found = AsyncDisposable & {
  readonly address: string;
  find(buildkit: Buildkit): Promise<Handover>;
};

/** The hand-overs of a run. */
async function handovers(mode: HandoverMode, cache?: string): Promise<Found> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path, { durable: false }));
  const registry = stack.use(await serveRegistry({ layout, grace: 0 }));
  const place = { layout, registry };
  const owned = stack.move();
  const { signal } = new AbortController();
  return {
    address: registry.address,
    find: createHandovers({
      mode,
      parents: place,
      results: place,
      known: openKnownWays({ XDG_CACHE_HOME: cache }),
      onError: () => {},
      credentials: async () => undefined,
      warn() {},
      cleanup: owned,
      signal,
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const target = sampleTarget("base");
const typeOf = (handover: Handover | undefined): string | undefined =>
  handover?.exporter(target).type;

describe("createHandovers()", () => {
  test("finds the registry's way to a daemon that reaches it, and leaves it once it does not", async () => {
    await using cache = await tempDirectory();
    await using found = await handovers("auto", cache.path);
    await using buildkit = await connectTestDaemon();
    const handover = await found.find(buildkit);
    expect(typeOf(handover)).toBe("image");
    const refused = (address: string): BuildkitError =>
      new BuildkitError(
        "failed",
        `failed to push ${address}/base:1: dial tcp ${address}: connect: connection refused`,
      );
    expect(await handover.instead?.(refused("127.0.0.1:1"))).toBeUndefined();
    expect(await handover.instead?.(new BuildkitError("failed", "exit code: 1"))).toBeUndefined();
    expect(await handover.instead?.(new BuildkitError("lost", found.address))).toBeUndefined();
    expect(openKnownWays({ XDG_CACHE_HOME: cache.path }).find(buildkit)).toBe("registry");

    expect(typeOf(await handover.instead?.(refused(found.address)))).toBe("oci");
    expect(typeOf(await found.find(buildkit))).toBe("oci");
    expect(openKnownWays({ XDG_CACHE_HOME: cache.path }).find(buildkit)).toBeUndefined();
  });

  test("goes the way that it is told to go", async () => {
    await using buildkit = await connectTestDaemon();
    for (const [mode, type] of [
      ["registry", "image"],
      ["session", "oci"],
    ] as const) {
      await using found = await handovers(mode);
      const handover = await found.find(buildkit);
      expect([typeOf(handover), "instead" in handover]).toEqual([type, false]);
    }
  });

  test("makes what came over the session known to the registry, for other daemons of the run", async () => {
    await using buildkit = await connectTestDaemon();
    await using found = await handovers("session");
    const handover = await found.find(buildkit);
    const { stores = new Map() } = handover;
    const made = await build(buildkit, {
      text: "FROM scratch\nCOPY hello /\n",
      context: freshTree([textFile("hello", crypto.randomUUID())]),
      exporter: handover.exporter(target),
      stores,
    });
    const pull = async () =>
      await fetch(`http://${found.address}/v2/base/manifests/${made.digest}`);
    expect((await pull()).status).toBe(404);
    expect(await handover.collect?.(target, made)).toBe(made.digest);
    expect((await pull()).status).toBe(200);
  });

  test("says what a daemon lacks that can be reached by neither way", async () => {
    await using daemon = await startBuildkitd({ isolated: true });
    await using buildkit = await connectTestDaemon(daemon.address);
    await using cache = await tempDirectory();
    const capabilities = async () => ({ ...(await buildkit.capabilities()), ociLayout: false });
    const old = { ...buildkit, capabilities };
    await using auto = await handovers("auto", cache.path);
    expect(await rejection(auto.find(old))).toMatchObject({
      message: expect.stringMatching(/doesn't reach the registry.*none over the session/),
      hint: expect.stringContaining("containerd-snapshotter"),
    });
    expect(openKnownWays({ XDG_CACHE_HOME: cache.path }).find(old)).toBeUndefined();
    await using session = await handovers("session");
    expect(await rejection(session.find(old))).toMatchObject({
      message: expect.not.stringContaining("registry"),
    });
  }, 60_000);
});

describe("createHandovers() for a Docker Engine with the old image store", () => {
  const oldStore = (): Promise<Buildkit> => {
    const socket = new URL(requireEnv("HIVE_TEST_DOCKER_OLD_STORE_HOST")).pathname;
    return connectBuildkit({ kind: "docker", socket });
  };

  test("has the engine push, whichever way was asked for that it can go", async () => {
    await using buildkit = await oldStore();
    for (const mode of ["auto", "registry"] as const) {
      await using found = await handovers(mode);
      const handover = await found.find(buildkit);
      expect(handover.exporter(target)).toEqual({
        type: "moby",
        attrs: { name: `${found.address}/hive-run/base:1.linux-amd64` },
      });
      expect(handover.contextValue(target, digestOf(new Uint8Array()))).toStartWith(
        `docker-image://${found.address}/base:1@sha256:`,
      );
      expect(handover.fit).toBeDefined();
    }
  });

  test("says what to do when there is no way, or no engine to talk to", async () => {
    await using buildkit = await oldStore();
    await using session = await handovers("session");
    expect(await rejection(session.find(buildkit))).toMatchObject({
      kind: "failed",
      hint: expect.stringContaining("leave out --handover=session"),
    });
    const { engine: _engine, ...dialer } = buildkit.dialer;
    await using auto = await handovers("auto");
    expect(await rejection(auto.find({ ...buildkit, dialer }))).toMatchObject({
      kind: "failed",
      hint: expect.stringContaining("docker://"),
    });
  });

  test("asks again after a time in which the daemon was away", async () => {
    await using buildkit = await oldStore();
    let isAway = true;
    const capabilities: Buildkit["capabilities"] = async () => {
      if (isAway) throw new HiveError("unreachable", "away");
      return await buildkit.capabilities();
    };
    const flaky = { ...buildkit, capabilities };
    await using found = await handovers("registry");
    expect(await rejection(found.find(flaky))).toMatchObject({ message: "away" });
    isAway = false;
    expect(typeOf(await found.find(flaky))).toBe("moby");
  });
});

describe("probeRegistry()", () => {
  test("ends with the run, and when the daemon gives no answer", async () => {
    await using daemon = await startBuildkitd();
    await using buildkit = await connectTestDaemon(daemon.address);
    await using directory = await tempDirectory();
    using layout = await openLayout(directory.path, { durable: false });
    await using registry = await serveRegistry({ layout, grace: 0 });
    const { signal } = new AbortController();
    expect(await probeRegistry(buildkit, registry, { signal })).toBeTrue();
    await daemon.freeze();
    try {
      expect(await probeRegistry(buildkit, registry, { signal, timeout: 500 })).toBeUndefined();
      const stopped = probeRegistry(buildkit, registry, { signal: AbortSignal.timeout(200) });
      expect(await rejection(stopped)).toMatchObject({ name: "TimeoutError" });
    } finally {
      daemon.thaw();
    }
  }, 60_000);
});

test("findDamage() names what is damaged of all that a daemon names, and removes it", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  const [whole, damaged] = [
    await storeBlob(layout.blobs, Buffer.from("whole")),
    await storeBlob(layout.blobs, Buffer.from("damaged")),
  ];
  await Bun.write(damaged.path, "dAmaged");
  const missing = digestOf("missing");
  expect(await findDamage(layout, `no ${missing}, not ${whole.digest}`)).toBeUndefined();
  const message = `commit failed: unexpected commit digest ${missing}, expected ${damaged.digest}: failed precondition`;
  expect(await findDamage(layout, message)).toMatchObject({
    message: expect.stringContaining(damaged.digest),
    hint: expect.stringContaining("build again"),
  });
  expect(layout.blobs.find(damaged.digest)).toBeUndefined();
  expect(layout.blobs.find(whole.digest)).toBeDefined();
  expect(await findDamage(layout, message)).toBeUndefined();
});
