import { expect, test } from "bun:test";
import { waitUntil } from "../support/wait-until.ts";
import { type Known, randomRequest } from "./fuzz/random-request.ts";
import { createRandom, type Random } from "../support/random.ts";
import { manifestWith, nastyServer } from "./nasty/nasty-case.ts";
import { type Answer, exchange } from "./support/raw-http.ts";
import { type RegistryProcess, startRegistryProcess } from "./support/registry-process.ts";
import { damagedBlobs, filesBeside, residentBytes } from "./support/registry-state.ts";

const seconds = Number(process.env["HIVE_FUZZ_SECONDS"] ?? 15);
const seed = Number(process.env["HIVE_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const workers = 16;
const mebibyte = 1024 * 1024;

test(
  `${seconds} s of requests that are wrong in some way, HIVE_FUZZ_SEED=${seed}`,
  async () => {
    await using registry = await startRegistryProcess("unsynced");
    const known: Known = { uploads: [] };
    const send = async (phase: number, until: number): Promise<number> => {
      const counts = Array.from({ length: workers }, async (_, worker) => {
        // Each worker has requests of its own, so that these do not depend on whose answer comes first.
        const random = createRandom(seed + phase * workers + worker);
        let count = 0;
        for (; performance.now() < until; count++) await tryOne(registry, random, known);
        return count;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };
    const start = performance.now();
    // A process that has worked for a while is what can be seen to grow.
    let sent = await send(0, start + Math.min(seconds * 300, 20_000));
    const atStart = await residentBytes(registry.pid);
    sent += await send(1, start + seconds * 1000);
    expect(sent).toBeGreaterThan(100);

    const server = nastyServer(registry);
    expect((await server.manifest("last", manifestWith())).status).toBe(201);
    expect((await server.request("GET", "/v2/n/manifests/last")).body.toString()).toBe(
      manifestWith(),
    );
    expect(registry.errors()).toBe("");
    expect(await filesBeside(registry.directory)).toEqual(["store"]);
    expect(await damagedBlobs(registry.storage)).toEqual([]);
    await waitUntil("memory is given back", 25_000, async () => {
      await server.request("GET", "/v2/");
      return (await residentBytes(registry.pid)) - atStart < 64 * mebibyte ? true : undefined;
    });
  },
  (seconds + 60) * 1000,
);

async function tryOne(registry: RegistryProcess, random: Random, known: Known): Promise<void> {
  const bytes = randomRequest(random, known);
  const abort = random.once(20);
  const answer = await exchange(registry.port, bytes, { abort, giveUp: 200 });
  const fault = faultOf(answer);
  if (fault !== undefined) {
    const shown = JSON.stringify(bytes.toString("latin1").slice(0, 3000));
    throw new Error(`${fault}, seed ${seed}, to ${shown}`);
  }
  const location = answer.headers.get("location") ?? "";
  if (answer.status === 202 && location !== "") {
    known.uploads.push(location);
    if (known.uploads.length > 50) known.uploads.splice(random.below(50), 1);
  }
}

function faultOf({ status, headers, body }: Answer): string | undefined {
  // 505 is what Bun says to a first line that is none.
  if (status >= 500 && status !== 505) return `Answered ${status} ${body.toString()}`;
  if (!(headers.get("location") ?? "/v2/").startsWith("/v2/")) return "Led away";
  if (status < 400 || body.byteLength === 0 || status === 505) return undefined;
  // Outside of the registry proper there are pages for people.
  if (headers.get("content-type") !== "application/json") {
    return headers.get("content-type")?.startsWith("text/html") === true
      ? undefined
      : `No error body: ${body.toString()}`;
  }
  const { errors } = JSON.parse(body.toString()) as { errors?: readonly { code?: string }[] };
  return typeof errors?.[0]?.code === "string" ? undefined : `No error body: ${body.toString()}`;
}
