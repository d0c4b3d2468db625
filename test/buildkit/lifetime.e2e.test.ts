import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir, readFile } from "node:fs/promises";
import { endsWithin } from "../../src/base/ends-within.ts";
import type { BuildkitError } from "../../src/buildkit/buildkit-error.ts";
import { connectBuildkit, type Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import { parseEndpoint } from "../../src/buildkit/endpoints/endpoint.ts";
import type { StepEvent } from "../../src/buildkit/status/step-event.ts";
import { type Buildkitd, startBuildkitd } from "../support/buildkitd.ts";
import { dripRegistry } from "../support/drip-registry.ts";
import { waitUntil } from "../support/wait-until.ts";
import {
  build,
  busybox,
  connectTestDaemon,
  failureOf,
  freshTree,
  shell,
  textFile,
} from "./build.ts";

let tools: Awaited<ReturnType<typeof busybox>>;

beforeAll(async () => {
  tools = await busybox();
});

type RunningBuild = {
  readonly failure: Promise<BuildkitError>;
  readonly events: readonly StepEvent[];
  /** An argument by which the running step's process is found. */
  readonly marker: string;
};

/** Starts a build whose step runs until it's ended, and returns once it runs. */
async function startEndlessBuild(
  daemon: Buildkit,
  options: { readonly signal?: AbortSignal; readonly quiet?: number } = {},
): Promise<RunningBuild> {
  const marker = `1000${Math.floor(Math.random() * 1e9)}`;
  const events: StepEvent[] = [];
  const running = Promise.withResolvers<undefined>();
  const building = build(
    daemon,
    { text: `${shell()}RUN echo up; sleep ${marker}\n`, context: freshTree([tools]) },
    {
      ...options,
      onStatus(event) {
        events.push(event);
        if (event.type === "log" && event.text === "up") running.resolve(undefined);
      },
    },
  );
  const failure = failureOf(building);
  await Promise.race([running.promise, building]);
  // The shell says it just before it starts to sleep.
  await waitUntil("the step sleeps", 10_000, async () =>
    (await isRunning(marker)) ? true : undefined,
  );
  return { failure, events, marker };
}

async function isRunning(marker: string): Promise<boolean> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    processes.map(async (pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.some((line) => line.split("\0").includes(marker));
}

async function openFiles(): Promise<number> {
  return (await readdir("/proc/self/fd")).length;
}

describe("a build", () => {
  let server: Buildkitd;
  let daemon: Buildkit;

  beforeAll(async () => {
    server = await startBuildkitd();
    daemon = await connectTestDaemon(server.address);
  }, 60_000);

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test("ends its running step within 2 s when it is canceled", async () => {
    const abort = new AbortController();
    const { failure, events, marker } = await startEndlessBuild(daemon, { signal: abort.signal });
    const started = performance.now();
    abort.abort();
    const error = await failure;
    expect(error).toMatchObject({ kind: "canceled", message: "The build was canceled" });
    await waitUntil("the step's process is gone", 2000, async () =>
      (await isRunning(marker)) ? undefined : true,
    );
    expect(performance.now() - started).toBeLessThan(2000);
    const ended = events.find((event) => event.type === "done" && event.error !== undefined);
    expect(ended).toMatchObject({ canceled: true });
  }, 20_000);

  test("doesn't start when it is canceled before", async () => {
    const building = build(daemon, { text: "FROM scratch\n" }, { signal: AbortSignal.abort() });
    expect((await failureOf(building)).kind).toBe("canceled");
  });

  test("fails when the daemon stops answering", async () => {
    const { failure } = await startEndlessBuild(daemon, { quiet: 1000 });
    await server.freeze();
    const started = performance.now();
    const error = await failure;
    server.thaw();
    expect(error).toMatchObject({ kind: "unreachable", message: "BuildKit stopped answering" });
    expect(performance.now() - started).toBeLessThan(9000);
  }, 30_000);

  test("goes on when the daemon is quiet and alive", async () => {
    const { lines } = await build(
      daemon,
      { text: `${shell()}RUN sleep 2; echo done\n`, context: freshTree([tools]) },
      { quiet: 300 },
    );
    expect(lines).toEqual(["done"]);
  }, 20_000);

  test("fails when a registry takes a question and doesn't answer", async () => {
    await using registry = await dripRegistry("manifests");
    const building = build(
      daemon,
      { text: `FROM ${registry.address}/slow:1\n` },
      { metadataLimit: 500 },
    );
    expect(await failureOf(building)).toMatchObject({
      kind: "failed",
      message: `${registry.address}/slow:1: its registry did not answer BuildKit within 0.5 s`,
    });
    await waitUntil("the daemon has nothing to do", 10_000, async () =>
      (await server.work()).length === 0 ? true : undefined,
    );
  }, 30_000);

  test("goes on when a registry hardly gives any of a layer", async () => {
    await using registry = await dripRegistry("blobs");
    const abort = new AbortController();
    const building = build(
      daemon,
      {
        text: `FROM ${registry.address}/slow:1\nCOPY x /\n`,
        context: freshTree([textFile("x", "")]),
      },
      { metadataLimit: 500, signal: abort.signal },
    );
    const failure = failureOf(building);
    await registry.isAsked();
    expect(
      await endsWithin(
        building.catch(() => {}),
        1_000,
      ),
    ).toBe(false);
    abort.abort();
    expect((await failure).kind).toBe("canceled");
  }, 30_000);

  // The last one: it ends the daemon.
  test("fails at once when the daemon is killed", async () => {
    const { failure, marker } = await startEndlessBuild(daemon);
    const started = performance.now();
    await server.kill("SIGKILL");
    const error = await failure;
    expect(error.kind).toBe("lost");
    expect(error.message).toStartWith("The connection to BuildKit was lost");
    expect(performance.now() - started).toBeLessThan(5000);
    expect(await daemon.closed).toSatisfy(
      (reason) => reason === undefined || reason instanceof Error,
    );
    expect(await isRunning(marker)).toBe(false);
  }, 30_000);
});

test("a build fails when the daemon shuts down in good order", async () => {
  await using server = await startBuildkitd();
  await using daemon = await connectTestDaemon(server.address);
  const { failure } = await startEndlessBuild(daemon);
  await server.kill("SIGTERM");
  expect((await failure).kind).toBe("lost");
}, 60_000);

describe("connectBuildkit()", () => {
  test("gives up a daemon that is frozen", async () => {
    await using server = await startBuildkitd();
    await server.freeze();
    const connecting = connectBuildkit(parseEndpoint(server.address), { timeout: 500 });
    const error: unknown = await connecting.catch((reason: unknown) => reason);
    server.thaw();
    expect(error).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining("no answer within 0.5 s"),
    });
  }, 60_000);

  test("connects over TCP and builds", async () => {
    await using server = await startBuildkitd({ listen: "tcp" });
    await using daemon = await connectTestDaemon(server.address);
    expect(daemon.address).toStartWith("tcp://127.0.0.1:");
    const context = freshTree([textFile("hello", "hello")]);
    const { digest } = await build(daemon, { text: "FROM scratch\nCOPY hello /\n", context });
    expect(digest).toStartWith("sha256:");
  }, 60_000);

  test("says what is wrong with something that isn't BuildKit", async () => {
    using web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    const connecting = connectBuildkit(parseEndpoint(`tcp://127.0.0.1:${web.port}`));
    const error: unknown = await connecting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      kind: "unreachable",
      hint: "See whether it is a BuildKit daemon that listens there.",
    });
  });

  test("fails with the signal's reason when it's aborted", async () => {
    const reason = new Error("enough");
    const connecting = connectBuildkit(parseEndpoint("unix:///nonexistent"), {
      signal: AbortSignal.abort(reason),
    });
    expect(await connecting.catch((error: unknown) => error)).toBe(reason);
  });
});

describe("fifty builds in a row", () => {
  test("end, and leave no file open", async () => {
    await using daemon = await connectTestDaemon();
    const text = "FROM scratch\nARG N\nCOPY data /data-$N\n";
    // Larger than a window, so that flow control is at work.
    const data = { path: "data", bytes: new Uint8Array(2_000_000) };
    const once = async (count: number): Promise<void> => {
      const { digest } = await build(daemon, {
        text,
        buildArgs: { N: String(count) },
        context: freshTree([data]),
      });
      expect(digest).toStartWith("sha256:");
    };
    await once(0);
    const before = await openFiles();
    for (let count = 1; count <= 50; count++) await once(count);
    expect(
      await waitUntil("sockets are closed", 2000, async () => {
        const now = await openFiles();
        return now <= before ? now : undefined;
      }),
    ).toBeLessThanOrEqual(before);
  }, 120_000);

  test("also at once", async () => {
    await using daemon = await connectTestDaemon();
    const builds = Array.from({ length: 20 }, async (_, count) =>
      build(daemon, {
        text: `FROM scratch\nCOPY data /data-${count}\n`,
        context: freshTree([{ path: "data", bytes: new Uint8Array(500_000) }]),
      }),
    );
    for (const { digest } of await Promise.all(builds)) expect(digest).toStartWith("sha256:");
  }, 120_000);
});
