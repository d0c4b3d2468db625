/**
 * `hive registry copy` against `skopeo` and `crane`, in turn on one machine, between two registries of one kind on loopback.
 * `sh bench/transfer.sh` makes the parts and calls this; see there for flags.
 *
 * Ratios are theirs/ours, pair by pair within a round: above 1 hive is faster. Each copy goes to a registry that has just
 * been started and has nothing; then the same command runs again and finds everything there. CPU and memory are the
 * client's.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./describe-machine.ts";
import { memory } from "./process-usage.ts";
import { createComparison } from "./registry-comparison.ts";
import {
  distribution,
  hive,
  type RunningServer,
  type ServerKind,
  startServer,
} from "./registry-servers.ts";
import { type PushedImage, pushImage } from "./transfer-images.ts";

const { values: flags } = parseArgs({
  options: {
    hive: { type: "string", default: "dist/hive" },
    crane: { type: "string", default: "crane" },
    skopeo: { type: "string", default: "skopeo" },
    distribution: { type: "string", default: "registry" },
    servers: { type: "string", default: "distribution,hive" },
    rounds: { type: "string", default: "5" },
    directory: { type: "string", default: tmpdir() },
    only: { type: "string", default: "" },
  },
});

type Client = {
  readonly name: string;
  readonly version: string;
  /** One image. */
  copy(from: string, to: string): string[];
  /** All tags of `<host>/many`. */
  copyAll(from: string, to: string): string[];
};

type Row = {
  readonly title: string;
  readonly images: readonly { readonly reference: string; readonly layers: readonly Layer[] }[];
  command(client: Client, from: string, to: string): string[];
};

/** A layer of so many bytes; the same seed makes the same. */
type Layer = { readonly seed: string; readonly size: number };

const mebibyte = 1024 ** 2;
const hivePath = resolve(flags.hive);
const clients: readonly Client[] = [
  {
    name: "hive",
    version: versionOf([hivePath, "--version"]),
    copy: (from, to) => [hivePath, "registry", "copy", `${from}/big:1`, `${to}/big:1`],
    copyAll: (from, to) => [
      hivePath,
      "registry",
      "copy",
      "--all-tags",
      `${from}/many`,
      `${to}/many`,
    ],
  },
  {
    name: "skopeo",
    version: versionOf([flags.skopeo, "--version"]),
    copy: (from, to) => [...skopeo("copy"), `docker://${from}/big:1`, `docker://${to}/big:1`],
    copyAll: (from, to) => [...skopeo("sync"), "--src=docker", "--dest=docker", `${from}/many`, to],
  },
  {
    name: "crane",
    version: versionOf([flags.crane, "version"]),
    copy: (from, to) => [flags.crane, "copy", `${from}/big:1`, `${to}/big:1`],
    copyAll: (from, to) => [flags.crane, "copy", "--all-tags", `${from}/many`, `${to}/many`],
  },
];
const ours = clients[0] as Client;

const rows: readonly Row[] = [
  {
    title: "40 layers, 2 GiB",
    images: [
      {
        reference: "big:1",
        layers: Array.from({ length: 40 }, (_, i) => ({
          seed: `big-${i}`,
          size: Math.round((2048 / 40) * mebibyte),
        })),
      },
    ],
    command: (client, from, to) => client.copy(from, to),
  },
  {
    title: "50 tags, 3 layers of 1 MiB in common and 2 of 64 KiB",
    images: Array.from({ length: 50 }, (_, image) => ({
      reference: `many:${image}`,
      layers: [
        ...Array.from({ length: 3 }, (__, i) => ({ seed: `common-${i}`, size: mebibyte })),
        ...Array.from({ length: 2 }, (__, i) => ({ seed: `${image}-${i}`, size: 65_536 })),
      ],
    })),
    command: (client, from, to) => client.copyAll(from, to),
  },
];

const serverKinds: readonly ServerKind[] = flags.servers.split(",").map((name) => {
  if (name === "distribution") return distribution(flags.distribution);
  if (name === "hive") return hive(hivePath, true);
  throw new Error(`--servers ${name}: expected distribution or hive`);
});

const comparison = createComparison(clients, () => ours);
const work = await mkdtemp(join(resolve(flags.directory), "hive-bench-"));
try {
  console.log(describeMachine());
  for (const kind of serverKinds) await measureKind(kind);
  console.log(comparison.report());
} finally {
  await rm(work, { recursive: true, force: true });
}

async function measureKind(kind: ServerKind): Promise<void> {
  await using source = await startServer(kind, join(work, `${kind.name}-source`));
  for (const row of rows) {
    const chosen = titlesOf(row, kind).some((title) => title.includes(flags.only));
    if (!chosen) continue;
    const images: PushedImage[] = [];
    for (const { reference, layers } of row.images) {
      images.push(await pushImage(source.address, reference, layers));
    }
    for (let round = 0; round < Number(flags.rounds); round++) {
      for (let i = 0; i < clients.length; i++) {
        const client = clients[(i + round) % clients.length] as Client;
        await measure({ row, kind, client, source, images });
      }
    }
  }
}

async function measure({
  row,
  kind,
  client,
  source,
  images,
}: {
  readonly row: Row;
  readonly kind: ServerKind;
  readonly client: Client;
  readonly source: RunningServer;
  readonly images: readonly PushedImage[];
}): Promise<void> {
  const directory = join(work, "destination");
  {
    await using destination = await startServer(kind, directory);
    const command = row.command(client, source.address, destination.address);
    for (const title of titlesOf(row, kind)) {
      // What others wrote must not be written back on this one's time.
      Bun.spawnSync(["sync"]);
      comparison.add(title, client, await runClient(command));
      await expectImages(destination.address, images);
    }
  }
  await rm(directory, { recursive: true });
}

function titlesOf({ title }: Row, { name, version }: ServerKind): readonly [string, string] {
  const where = `${name} ${version}`.trim();
  return [`${title}: ${where}`, `${title}, all there: ${where}`];
}

/** Seconds of wall clock and CPU, MiB. */
async function runClient(
  command: readonly string[],
): Promise<{ readonly seconds: number; readonly cpu: number; readonly memory: number }> {
  const home = join(work, "home");
  await mkdir(home, { recursive: true });
  const start = performance.now();
  const child = Bun.spawn([...command], {
    cwd: home,
    // Nobody's credentials, and no memory of what is where.
    env: {
      ...process.env,
      HOME: home,
      DOCKER_CONFIG: home,
      REGISTRY_AUTH_FILE: join(home, "auth"),
    },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  let peak = 0;
  // What the system says of an ended process includes what its parent had in memory when it was started.
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMemory(child.pid));
  }, 10);
  const errors = await child.stderr.text();
  const code = await child.exited;
  clearInterval(watch);
  if (code !== 0) throw new Error(`${command.join(" ")}: ${errors}`);
  const seconds = (performance.now() - start) / 1000;
  const usage = child.resourceUsage();
  if (usage === undefined) throw new Error("the system does not tell what a process used");
  return { seconds, cpu: Number(usage.cpuTime.total) / 1e6, memory: peak };
}

/** MiB; 0 when it has just ended. */
function peakMemory(pid: number): number {
  try {
    return memory(pid, "peak");
  } catch {
    return 0;
  }
}

/** Fails when a client left something out, or changed it. */
async function expectImages(address: string, images: readonly PushedImage[]): Promise<void> {
  for (const { repository, tag, digest, mediaType } of images) {
    const response = await fetch(`http://${address}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
      headers: { Accept: mediaType },
    });
    if (response.headers.get("docker-content-digest") !== digest)
      throw new Error(`${repository}:${tag} did not arrive as it was`);
  }
}

function skopeo(command: string): string[] {
  return [
    flags.skopeo,
    "--insecure-policy",
    command,
    "--src-tls-verify=false",
    "--dest-tls-verify=false",
  ];
}

function versionOf(command: string[]): string {
  return /\d+\.\d\S*/.exec(Bun.spawnSync(command).stdout.toString())?.[0] ?? "";
}
