import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../../../../src/oci/digest.ts";
import { collectGarbage } from "../../../../src/registry/store/garbage/collect-garbage.ts";
import { openRegistryStore } from "../../../../src/registry/store/open-registry-store.ts";
import { createRandom } from "../../../support/random.ts";
import { type CrashClient, createCrashClient } from "./crash-client.ts";

type SurviveOptions = {
  readonly directory: string;
  readonly sync: "always" | "never";
  readonly rounds: number;
  /** Starts a server on the store, which prints its port, or its URL, as the first line on stdout. */
  readonly command: readonly string[];
};

/**
 * Has clients change a store and kills its server, so many times. Fails when something that was acknowledged is not
 * there afterwards, something is there that was never sent, or a server complains about what it finds.
 */
export async function surviveKills(options: SurviveOptions): Promise<void> {
  const { directory, rounds, command } = options;
  const seed = Math.floor(Math.random() * 2 ** 32);
  const random = createRandom(seed);
  const clients = Array.from({ length: 5 }, (_, id) => createCrashClient(id, random));
  let acknowledged = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      await using server = startServer(command);
      // Some don't live to see their first request.
      if (random.fraction() < 0.1) {
        await Bun.sleep(random.fraction() * 40);
        continue;
      }
      const origin = await server.origin();
      await Promise.all(clients.map(async (client) => await client.verify(origin)));
      await verifyFiles(directory);

      let left = random.below(40);
      const answered = (): void => {
        acknowledged++;
        if (left-- === 0) server.kill();
      };
      await Promise.all(clients.map(async (client) => await client.work(origin, answered)));
      await server.ended();
      if (round % 10 === 9) {
        // What is in flight has happened or not, before anything is collected.
        await settle(options, clients);
      }
    }
  } catch (error) {
    throw new Error(`With seed ${seed}: ${explain(error)}`, { cause: error });
  }
  expect(acknowledged).toBeGreaterThan(rounds);
}

/** What went wrong, and what went wrong before that: runners show neither causes nor what a disposal suppressed. */
function explain(error: unknown): string {
  return error instanceof SuppressedError
    ? `${explain(error.suppressed)}\nand then ${explain(error.error)}`
    : Bun.inspect(error);
}

type Server = AsyncDisposable & {
  origin(): Promise<string>;
  kill(): void;
  /** Waits for its end; throws when it complained about something. */
  ended(): Promise<void>;
};

function startServer(command: readonly string[]): Server {
  const child = Bun.spawn([...command], { stdout: "pipe", stderr: "pipe" });
  const complaints = new Response(child.stderr).text();
  const ended = async (): Promise<void> => {
    await child.exited;
    expect(await complaints).toBe("");
    expect(child.signalCode).toBe("SIGKILL");
  };
  return {
    async origin() {
      for await (const chunk of child.stdout) {
        const [, port] = /(\d+)\/?\s*$/.exec(new TextDecoder().decode(chunk)) ?? [];
        return `http://127.0.0.1:${port}`;
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
  { directory, sync, command }: SurviveOptions,
  clients: readonly CrashClient[],
): Promise<void> {
  {
    await using server = startServer(command);
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
