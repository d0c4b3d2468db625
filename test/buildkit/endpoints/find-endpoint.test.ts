import { describe, expect, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HiveError } from "../../../src/base/hive-error.ts";
import { usualSockets } from "../../../src/buildkit/endpoints/candidate-endpoints.ts";
import { type Endpoint, formatEndpoint } from "../../../src/buildkit/endpoints/endpoint.ts";
import { findEndpoint } from "../../../src/buildkit/endpoints/find-endpoint.ts";
import { Control } from "../../../src/gen/buildkit/control_pb.ts";
import { grpcService } from "../../../src/grpc/grpc-service.ts";
import { serveGrpc } from "../../../src/grpc/serve-grpc.ts";
import { serveSockets } from "../../support/serve-sockets.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

async function found(sources: Parameters<typeof findEndpoint>[0]): Promise<string> {
  return formatEndpoint((await findEndpoint(sources)).endpoint);
}

/** Somebody who answers as a daemon would that is asked for its workers. */
function serveDaemon(path: string): Disposable {
  const control = grpcService(Control, { listWorkers: () => ({ record: [{ ID: "only" }] }) });
  return serveSockets(path, (stream) => void serveGrpc(stream, [control]));
}

/** Somebody who listens and says nothing, as a daemon that is stopped. */
function serveSilence(path: string): Disposable {
  return serveSockets(path, () => {});
}

describe("findEndpoint()", () => {
  test("takes the flag before BUILDKIT_HOST before the configured address", async () => {
    const flag = "unix:///flag";
    const env = { BUILDKIT_HOST: "unix:///env" };
    const configured = "unix:///configured";
    expect(await found({ flag, env, configured })).toBe(flag);
    expect(await found({ env, configured })).toBe("unix:///env");
    expect(await found({ env: { BUILDKIT_HOST: "" }, configured })).toBe(configured);
  });

  test("names each socket that fails, and why", async () => {
    await using directory = await tempDirectory();
    const runtime = directory.path;
    const path = join(runtime, "buildkit/buildkitd.sock");
    await mkdir(dirname(path));
    const env = { XDG_RUNTIME_DIR: runtime };
    const candidates = usualSockets(env).slice(1, 2);

    await writeFile(path, "");
    const failure = await findEndpoint({ env }, { candidates }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HiveError);
    expect(failure).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining(`unix://${path}: nobody listens there`),
      hint: expect.stringContaining("BUILDKIT_HOST"),
    });
    await rm(path);
    const missing = await findEndpoint({ env }, { candidates }).catch((error: unknown) => error);
    expect(String(missing)).toContain(`unix://${path}: no such socket`);
  });

  test("says of what is no BuildKit that it is none", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "web.sock");
    using _server = Bun.serve({ unix: path, fetch: () => new Response("a web server") });
    const candidates = [{ kind: "unix", path }] as const;
    const failure = await findEndpoint({ env: {} }, { candidates }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toContain(`unix://${path}: no BuildKit: `);
  });

  test("says who named the endpoint", async () => {
    const sources = {
      flag: "unix:///f",
      env: { BUILDKIT_HOST: "unix:///e" },
      configured: "tcp://c",
    };
    expect(await findEndpoint(sources)).toMatchObject({ source: "flag" });
    expect(await findEndpoint({ ...sources, flag: "" })).toMatchObject({ source: "environment" });
    expect(await findEndpoint({ env: {}, configured: "tcp://c" })).toMatchObject({
      source: "project",
    });
  });

  /** Listens as told at sockets named so, and probes them in that order. */
  async function probed(...who: readonly ("absent" | "silent" | "daemon")[]): Promise<number> {
    await using directory = await tempDirectory();
    using stack = new DisposableStack();
    const candidates: Endpoint[] = who.map((kind, index) => {
      const path = join(directory.path, `${index}.sock`);
      if (kind === "daemon") stack.use(serveDaemon(path));
      if (kind === "silent") stack.use(serveSilence(path));
      return { kind: "unix", path };
    });
    const { endpoint, source } = await findEndpoint({ env: {} }, { candidates });
    expect(source).toBe("probing");
    return candidates.indexOf(endpoint);
  }

  test.each([
    ["the first that answers", ["absent", "daemon", "daemon"], 1],
    ["who answers before who says nothing", ["silent", "daemon"], 1],
    ["who says nothing when nobody answers", ["absent", "silent"], 1],
  ] as const)("takes %s", async (_, who, expected) => {
    expect(await probed(...who)).toBe(expected);
  });

  test("ends with the caller's reason when it is stopped", async () => {
    await using directory = await tempDirectory();
    const path = join(directory.path, "silent.sock");
    const stop = new AbortController();
    // The probe is under way when it is stopped.
    using _silence = serveSockets(path, () => stop.abort(new Error("enough")));
    const candidates = [{ kind: "unix", path }] as const;
    const searching = findEndpoint({ env: {} }, { candidates, signal: stop.signal });
    expect(await searching.catch((error: unknown) => error)).toEqual(new Error("enough"));
  });
});

test("usualSockets() asks the system's daemon before the user's own", () => {
  const env = { XDG_RUNTIME_DIR: "/run/user/7" };
  expect(usualSockets(env, 1000).map(formatEndpoint)).toEqual([
    "unix:///run/buildkit/buildkitd.sock",
    "unix:///run/user/7/buildkit/buildkitd.sock",
    "unix:///run/user/1000/buildkit/buildkitd.sock",
  ]);
});
