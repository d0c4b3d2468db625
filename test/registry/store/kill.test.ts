import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../../../src/oci/digest.ts";
import { collectGarbage } from "../../../src/registry/store/garbage/collect-garbage.ts";
import { openRegistryStore } from "../../../src/registry/store/open-registry-store.ts";
import { type TempDirectory, tempDirectory } from "../../support/temp-directory.ts";
import { createCrashClient } from "./support/crash-client.ts";

/** In one file it starts faster. */
let bundle: TempDirectory;

beforeAll(async () => {
  bundle = await tempDirectory();
  await Bun.build({
    entrypoints: [join(import.meta.dir, "support", "crash-server.ts")],
    outdir: bundle.path,
    target: "bun",
  });
});

afterAll(async () => {
  await bundle[Symbol.asyncDispose]();
});

describe("kill -9 at any moment", () => {
  test.concurrent.each(["always", "never"] as const)(
    "loses nothing that was acknowledged, with sync %s",
    async (sync) => {
      await using directory = await tempDirectory();
      await survive(directory.path, sync, 100);
    },
    120_000,
  );
});

async function survive(directory: string, sync: "always" | "never", rounds: number): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = randomNumbers(seed);
  const clients = Array.from({ length: 5 }, (_, id) => createCrashClient(id, random));
  let acknowledged = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      await using server = startServer(directory, sync);
      // Some don't live to see their first request.
      if (random() < 0.1) {
        await Bun.sleep(random() * 40);
        continue;
      }
      const origin = await server.origin();
      await Promise.all(clients.map(async (client) => await client.verify(origin)));
      await verifyFiles(directory);

      let left = Math.floor(random() * 40);
      const answered = (): void => {
        acknowledged++;
        if (left-- === 0) server.kill();
      };
      await Promise.all(clients.map(async (client) => await client.work(origin, answered)));
      await server.ended();
      if (round % 10 === 9) {
        // What is in flight has happened or not, before anything is collected.
        await settle(directory, sync, clients);
      }
    }
  } catch (error) {
    throw new Error(`With seed ${seed}`, { cause: error });
  }
  expect(acknowledged).toBeGreaterThan(rounds);
}

type Server = AsyncDisposable & {
  origin(): Promise<string>;
  kill(): void;
  /** Waits for its end; throws when it complained about something. */
  ended(): Promise<void>;
};

function startServer(directory: string, sync: string): Server {
  const child = Bun.spawn(
    [process.execPath, join(bundle.path, "crash-server.js"), directory, sync],
    {
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const complaints = new Response(child.stderr).text();
  const ended = async (): Promise<void> => {
    await child.exited;
    expect(await complaints).toBe("");
    expect(child.signalCode).toBe("SIGKILL");
  };
  return {
    async origin() {
      for await (const chunk of child.stdout) {
        return `http://127.0.0.1:${Number(new TextDecoder().decode(chunk))}`;
      }
      throw new Error(`the server ended: ${await complaints}`);
    },
    kill: () => child.kill("SIGKILL"),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended();
    },
  };
}

/** Whether the directory holds only what belongs there: whole blobs, nothing half done but what is being done. */
async function verifyFiles(directory: string): Promise<void> {
  expect(await readdir(join(directory, "uploads"))).toEqual([]);
  expect(existsSync(join(directory, "journal.compacted"))).toBe(false);
  const folder = join(directory, "blobs", "sha256");
  for (const name of await readdir(folder)) {
    expect(digestOf(await Bun.file(join(folder, name)).bytes())).toBe(`sha256:${name}` as never);
  }
}

async function settle(
  directory: string,
  sync: "always" | "never",
  clients: readonly ReturnType<typeof createCrashClient>[],
): Promise<void> {
  {
    await using server = startServer(directory, sync);
    const origin = await server.origin();
    await Promise.all(clients.map(async (client) => await client.verify(origin)));
  }
  await using store = await openRegistryStore({
    directory,
    sync,
    membership: "repository",
    onWarning: (message) => expect().fail(message),
  });
  await collectGarbage(store, { grace: 0, offline: true });
  for (const client of clients) client.collect();
}

/** Numbers that look random and are the same for a seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
