import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { startBuildkitd } from "./buildkitd.ts";
import { tempDirectory } from "./temp-directory.ts";

/** The HTTP/2 connection preface and an empty SETTINGS frame: what a gRPC server answers with SETTINGS (type 4). */
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0";

async function answersHttp2(address: string): Promise<boolean> {
  const url = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const socket = {
    data: (_: unknown, data: Uint8Array) => resolve(data),
    close: () => reject(new Error("closed")),
  };
  using connection = await (url.protocol === "unix:"
    ? Bun.connect({ unix: url.pathname, socket })
    : Bun.connect({ hostname: url.hostname, port: Number(url.port), socket }));
  connection.write(preface);
  return (await promise)[3] === 4;
}

test.each(["unix", "tcp"] as const)(
  "startBuildkitd() serves gRPC on %s and leaves nothing behind",
  async (listen) => {
    let pid = 0;
    {
      await using daemon = await startBuildkitd({ listen });
      pid = daemon.pid;
      expect(daemon.address).toStartWith(`${listen}://`);
      expect(existsSync(`/proc/${pid}`)).toBe(true);
      expect(await answersHttp2(daemon.address)).toBe(true);
    }
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  },
  60_000,
);

test("startBuildkitd() comes back on a directory whose daemon was killed", async () => {
  await using directory = await tempDirectory();
  const path = join(directory.path, "daemon");
  await mkdir(path);
  const first = await startBuildkitd({ directory: path });
  await first.kill("SIGKILL");
  expect(existsSync(`/proc/${first.pid}`)).toBe(false);

  await using second = await startBuildkitd({ directory: path });
  expect(second.address).toBe(first.address);
  expect(second.pid).not.toBe(first.pid);
  expect(await answersHttp2(second.address)).toBe(true);
  expect(await readdir(path)).toContain("root");
}, 60_000);

test("startBuildkitd() reports the daemon's log when it can't start", async () => {
  const failure = await startBuildkitd({ config: "unknownKey = = 1" }).catch(String);
  expect(failure).toMatch(/Cannot start a BuildKit daemon.*\n.*toml/s);
}, 60_000);
