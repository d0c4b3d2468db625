/**
 * hive's registry against distribution, zot and olareg, and against nginx for pulls, in turn on one machine.
 * `sh bench/registry.sh` makes the parts and calls this; see there for flags.
 *
 * Ratios are theirs/ours, pair by pair within a round: above 1 hive is faster. Pushes are compared with the same
 * promise: distribution syncs what it stores, so it stands against `--sync always`; zot and olareg do not, so they
 * stand against `--sync never`. Times hold client and server; CPU seconds are the server's alone, and the better
 * measure on a machine that is not quiet.
 */
import { link, mkdir, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openLayout } from "../src/oci/layout.ts";
import { serveRegistry } from "../src/registry/serve-registry.ts";
import { describeMachine } from "./describe-machine.ts";
import { median } from "./median.ts";
import { cpuSeconds, memory, resetPeak } from "./process-usage.ts";
import { createComparison } from "./registry-comparison.ts";
import {
  distribution,
  hive,
  nginx,
  olareg,
  type RunningServer,
  type ServerKind,
  startServer,
  zot,
} from "./registry-servers.ts";

const { values: flags } = parseArgs({
  options: {
    hive: { type: "string", default: "dist/hive" },
    load: { type: "string" },
    distribution: { type: "string" },
    olareg: { type: "string" },
    zot: { type: "string" },
    "zot-version": { type: "string" },
    nginx: { type: "string" },
    rounds: { type: "string", default: "5" },
    /** Where stores are: some 10 GiB, on the kind of disk that the comparison is about. */
    directory: { type: "string", default: tmpdir() },
    /** Only rows whose title has this text. */
    only: { type: "string", default: "" },
  },
});

type LoadResult = {
  readonly seconds: number;
  readonly requests: number;
  readonly digests?: readonly string[];
};
type Server = RunningServer & { readonly kind: ServerKind };
type Row = {
  readonly title: string;
  readonly servers: (kind: ServerKind) => boolean;
  /** As many requests as there is time for, instead of a time for so many. */
  readonly rate?: boolean;
  readonly load: (server: Server, round: number) => string[];
};

const gibibyte = 1024 ** 3;
const load = required("load");
const hivePath = resolve(flags.hive);
const plain = hive(hivePath, false);
const synced = hive(hivePath, true);
const kinds: readonly ServerKind[] = [
  plain,
  distribution(required("distribution")),
  synced,
  zot(required("zot"), required("zot-version"), true),
  zot(required("zot"), required("zot-version"), false),
  olareg(required("olareg")),
  nginx(required("nginx")),
];
const registries = (kind: ServerKind): boolean => kind.name !== "nginx";
const unsynced = (kind: ServerKind): boolean => kind !== synced;

// What the big and the middle-sized pulls ask for: the same content in every round and on every server.
const big = ["-repository=bench", `-size=${gibibyte}`];
const middle = ["-repository=bench", `-size=${10 * 1024 ** 2}`];
let bigDigest = "";
let middleDigests = "";

const rows: readonly Row[] = [
  {
    title: "push 1 GiB",
    servers: registries,
    load: () => ["push", ...big, "-seed=big"],
  },
  {
    title: "push 1 GiB in a PATCH",
    servers: registries,
    load: () => ["push", ...big, "-seed=patch", "-method=patch"],
  },
  {
    title: "push 1000 x 4 KiB, 8 connections",
    servers: registries,
    load: (_, round) => [
      "push",
      "-count=1000",
      "-size=4096",
      "-connections=8",
      `-seed=small-${round}`,
    ],
  },
  {
    title: "pull 1 GiB",
    servers: unsynced,
    load: () => ["pull", ...big, `-digests=${bigDigest}`],
  },
  {
    title: "pull 1 GiB, 8 connections",
    servers: unsynced,
    load: () => ["pull", ...big, `-digests=${bigDigest}`, "-count=8", "-connections=8"],
  },
  {
    title: "pull 256 x 10 MiB, 64 connections",
    servers: unsynced,
    load: () => ["pull", ...middle, `-digests=${middleDigests}`, "-count=256", "-connections=64"],
  },
  // As no client does: the bytes are dropped on their way, and a server that has several threads has all cores.
  {
    title: "the same, dropped by the client's kernel",
    servers: unsynced,
    load: () => [
      "pull",
      ...middle,
      `-digests=${middleDigests}`,
      "-count=256",
      "-connections=64",
      "-discard",
    ],
  },
  {
    title: "HEAD manifest by tag, 500 of them, 64 connections",
    servers: (kind) => registries(kind) && unsynced(kind),
    rate: true,
    load: () => ["head", "-repository=images", "-count=500", "-connections=64"],
  },
];
const chosen = rows.filter(({ title }) => title.includes(flags.only));

const comparison = createComparison(kinds, (kind, title) =>
  kind.sync && title.startsWith("push") ? synced : plain,
);
const work = await mkdtemp(join(resolve(flags.directory), "hive-bench-"));
try {
  console.log(describeMachine());
  for (let round = 0; round < Number(flags.rounds); round++) {
    const directory = join(work, `${round}`);
    await measureRound(directory, rotated(kinds, round), round);
    await emptyBigFiles(directory);
  }
  console.log(comparison.report());
  await measureEmbedded();
} finally {
  await rm(work, { recursive: true, force: true });
}

/**
 * Makes room. Small files stay to the end: ext4 is slow to make new ones for minutes after many were deleted, and would
 * be so for one server and not for the next.
 */
async function emptyBigFiles(directory: string): Promise<void> {
  for await (const name of new Bun.Glob("**/*").scan({ cwd: directory, dot: true })) {
    const path = join(directory, name);
    if (Bun.file(path).size > 1024 ** 2) await truncate(path);
  }
}

async function measureRound(
  directory: string,
  order: readonly ServerKind[],
  round: number,
): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const servers: Server[] = [];
  for (const kind of order) {
    const server = stack.use(await startServer(kind, join(directory, kind.name)));
    servers.push({ ...server, kind });
    comparison.add("from the start of a process to its first answer", kind, {
      seconds: server.ready / 1000,
    });
  }
  // All of them have done what they do at the start by then.
  await Bun.sleep(2000);
  for (const { kind, pid } of servers) {
    comparison.add("at rest", kind, { memory: memory(pid, "now") });
  }
  await prepare(servers, round);
  for (const row of chosen) {
    for (const server of servers) {
      if (row.servers(server.kind)) await measure(row, server, round);
    }
  }
}

/** Puts into every server what is pulled later, and checks once that it serves it as it was. */
async function prepare(servers: readonly Server[], round: number): Promise<void> {
  for (const { address, kind } of servers.filter((server) => registries(server.kind))) {
    await runLoad(address, ["seed", "-repository=images", "-count=500", "-connections=4"]);
    const pushed = await runLoad(address, ["push", ...middle, "-count=16", "-seed=middle"]);
    middleDigests = (pushed.digests ?? []).join(",");
    const pull = ["pull", ...middle, `-digests=${middleDigests}`, "-count=16", "-verify"];
    if (round === 0) await runLoad(address, pull);
    if (unsynced(kind) && chosen.some(({ title }) => title.startsWith("pull 1 GiB"))) {
      // Pulls of it are warm then, in every round.
      bigDigest = (await runLoad(address, ["push", ...big, "-seed=pulled"])).digests?.[0] ?? "";
      await runLoad(address, ["pull", ...big, `-digests=${bigDigest}`, "-verify"]);
    }
  }
  const ours = servers.find(({ kind }) => kind === plain);
  const files = servers.find(({ kind }) => kind.name === "nginx");
  if (ours === undefined || files === undefined) throw new Error("hive or nginx did not start");
  for (const digest of [bigDigest, ...middleDigests.split(",")]) {
    if (digest !== "") await linkBlob(ours.store, files.store, digest);
  }
}

/** Gives nginx the file that hive serves. */
async function linkBlob(from: string, to: string, digest: string): Promise<void> {
  const path = join(to, "v2/bench/blobs", digest);
  await mkdir(dirname(path), { recursive: true });
  for await (const name of new Bun.Glob(`**/${digest.replace("sha256:", "")}`).scan(from)) {
    await link(join(from, name), path);
    return;
  }
  throw new Error(`there is no file for ${digest} below ${from}`);
}

async function measure(row: Row, server: Server, round: number): Promise<void> {
  const { address, kind, pid } = server;
  // What others wrote must not be written back on this one's time.
  if (row.title.startsWith("push")) Bun.spawnSync(["sync"]);
  await Bun.sleep(200);
  resetPeak(pid);
  const before = cpuSeconds(pid);
  const { seconds, requests } = await runLoad(address, row.load(server, round));
  const cpu = cpuSeconds(pid) - before;
  comparison.add(row.title, kind, {
    seconds,
    cpu,
    memory: memory(pid, "peak"),
    ...(row.rate === true ? { requests } : {}),
  });
}

async function runLoad(address: string, args: readonly string[]): Promise<LoadResult> {
  const [command = "", ...rest] = args;
  const child = Bun.spawn([load, command, `-address=${address}`, ...rest], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`load ${args.join(" ")}: ${errors}`);
  return JSON.parse(text) as LoadResult;
}

/** The registry of a build: in this process, from nothing to its first answer. */
async function measureEmbedded(): Promise<void> {
  const times: number[] = [];
  using layout = await openLayout(join(work, "layout"));
  for (let i = 0; i < 50; i++) {
    const start = performance.now();
    await using server = await serveRegistry({ layout });
    const response = await fetch(`http://${server.address}/v2/`);
    await response.text();
    times.push(performance.now() - start);
  }
  console.log(`hive in a process that runs, to the first answer: ${median(times).toFixed(2)} ms`);
}

function rotated<T>(list: readonly T[], by: number): T[] {
  return list.map((_, i) => list[(i + by) % list.length] as T);
}

function required(
  flag: "load" | "distribution" | "olareg" | "zot" | "zot-version" | "nginx",
): string {
  const value = flags[flag];
  if (value === undefined)
    throw new Error(`--${flag} is missing: see the top of bench/registry.ts`);
  return value;
}
