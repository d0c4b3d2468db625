import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { connectBuildkit } from "../../src/buildkit/connect-buildkit.ts";
import { parseEndpoint } from "../../src/buildkit/endpoints/endpoint.ts";
import { startBuildkitd } from "./buildkitd.ts";
import { tempDirectory } from "./temp-directory.ts";

async function answers(address: string): Promise<boolean> {
  await using daemon = await connectBuildkit(parseEndpoint(address));
  return daemon.workers.length > 0;
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
      expect(await answers(daemon.address)).toBe(true);
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
  expect(await answers(second.address)).toBe(true);
  expect(await readdir(path)).toContain("root");
}, 60_000);

test("startBuildkitd() reports the daemon's log when it can't start", async () => {
  const failure = await startBuildkitd({ config: "unknownKey = = 1" }).catch(String);
  expect(failure).toMatch(/Cannot start a BuildKit daemon.*\n.*toml/s);
}, 60_000);
