import { describe, expect, test } from "bun:test";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { formatEndpoint } from "../../src/buildkit/endpoint.ts";
import { findEndpoint, usualSockets } from "../../src/buildkit/find-endpoint.ts";
import { HiveError } from "../../src/base/hive-error.ts";
import { tempDirectory } from "../support/temp-directory.ts";

async function found(sources: Parameters<typeof findEndpoint>[0]): Promise<string> {
  return formatEndpoint(await findEndpoint(sources));
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

  test("finds a usual socket on which somebody listens, and names each that fails", async () => {
    await using directory = await tempDirectory();
    const runtime = directory.path;
    const path = join(runtime, "buildkit/buildkitd.sock");
    await mkdir(dirname(path));
    const env = { XDG_RUNTIME_DIR: runtime };

    await writeFile(path, "");
    const failure = await findEndpoint({ env }, { sockets: usualSockets(env).slice(1) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(HiveError);
    expect(failure).toMatchObject({
      kind: "unreachable",
      message: expect.stringContaining(`unix://${path}: nobody listens on it`),
      hint: expect.stringContaining("BUILDKIT_HOST"),
    });
    await rm(path);

    using server = Bun.listen({ unix: path, socket: { data() {} } });
    expect(server.unix).toBe(path);
    const sockets = usualSockets(env).slice(1);
    expect(formatEndpoint(await findEndpoint({ env }, { sockets }))).toBe(`unix://${path}`);
  });

  test("says that a socket is missing", async () => {
    const sockets = [{ kind: "unix", path: "/nonexistent/buildkitd.sock" }] as const;
    const failure = await findEndpoint({ env: {} }, { sockets }).catch((error: unknown) => error);
    expect(String(failure)).toContain("unix:///nonexistent/buildkitd.sock: no such socket");
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
