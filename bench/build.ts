/**
 * `hive build` against `docker buildx bake`: 24 images on 4 levels, the same graph, the same daemon, in turn.
 *
 *   BUILDKIT_HOST=unix:///run/buildkit/buildkitd.sock bun bench/build.ts --buildx PATH --busybox PATH [--rounds 5]
 *
 * Both push compressed OCI images to a registry on loopback: hive to the one it embeds, bake to a second hive's, which
 * keeps what it got in a directory as well. Both set the times of files and images (`rewrite-timestamp`), as hive always
 * does. Prints seconds and, pair by pair, ratios: below 1 hive is faster. The machine should be quiet; quote the ratios,
 * not the seconds.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openLayout } from "../src/oci/layout.ts";
import { serveRegistry } from "../src/registry/serve-registry.ts";
import { bakeSettings, sourceDateEpoch } from "./bake-settings.ts";
import { generateProject } from "./generate-project.ts";
import { summary } from "./summary.ts";

const { values: flags } = parseArgs({
  options: {
    hive: { type: "string", default: "dist/hive" },
    buildx: { type: "string" },
    busybox: { type: "string" },
    rounds: { type: "string", default: "5" },
  },
});
const { buildx, busybox } = flags;
const daemon = process.env["BUILDKIT_HOST"];
if (buildx === undefined || busybox === undefined || daemon === undefined) {
  throw new Error("Set BUILDKIT_HOST, --buildx and --busybox: see the top of bench/build.ts");
}
const hive = resolve(flags.hive);
const rounds = Number(flags.rounds);
const work = await mkdtemp(join(tmpdir(), "hive-bench-"));
const env = {
  ...process.env,
  BUILDX_CONFIG: join(work, "buildx"),
  BUILDKIT_HOST: daemon,
  CI: "",
  NO_COLOR: "1",
  SOURCE_DATE_EPOCH: sourceDateEpoch,
};

try {
  await measure(buildx, busybox);
  await measureStart();
} finally {
  await rm(work, { recursive: true, force: true });
}

async function measure(bakePath: string, busyboxPath: string): Promise<void> {
  await run([bakePath, "create", "--name", "bench", "--driver", "remote", String(daemon)]);
  using layout = await openLayout(join(work, "bake-store"));
  await using registry = await serveRegistry({ layout });
  const cold: number[][] = [];
  const cached: number[][] = [];
  for (let round = 0; round < rounds; round++) {
    // Each tool gets files of its own, never seen by the daemon: neither profits from the other.
    const projects = await Promise.all(
      ["hive", "bake"].map(async (tool) => {
        const directory = join(work, `${tool}-${round}`);
        await generateProject(
          directory,
          { levels: 4, imagesPerLevel: 6 },
          busyboxPath,
          `${tool}-${round}-${Date.now()}`,
        );
        return directory;
      }),
    );
    const commands = {
      hive: () => run([hive, "build", "--progress=quiet", "-p", String(projects[0])]),
      bake: () =>
        run([
          bakePath,
          "bake",
          "-f",
          join(String(projects[1]), "docker-bake.json"),
          ...bakeSettings(registry.address),
        ]),
    };
    for (const results of [cold, cached]) {
      const order = round % 2 === 0 ? (["hive", "bake"] as const) : (["bake", "hive"] as const);
      const seconds: Record<string, number> = {};
      for (const tool of order) seconds[tool] = await commands[tool]();
      results.push([seconds["hive"] ?? Number.NaN, seconds["bake"] ?? Number.NaN]);
    }
  }
  report("cold", cold);
  report("all cached", cached);
}

/** Startup of the whole process, against an executable that does nothing. */
async function measureStart(): Promise<void> {
  const empty = join(work, "empty");
  await Bun.write(`${empty}.ts`, "export {};\n");
  await Bun.build({
    entrypoints: [`${empty}.ts`],
    minify: true,
    bytecode: true,
    format: "esm",
    compile: { outfile: empty },
  });
  const pairs: number[][] = [];
  for (let round = 0; round < 20; round++)
    pairs.push([await run([hive, "--version"]), await run([empty])]);
  report("hive --version / empty executable", pairs);
}

/** Seconds that a command took. @throws when it fails. */
async function run(command: string[]): Promise<number> {
  const log = join(work, "log");
  const start = performance.now();
  const child = Bun.spawn(command, {
    env,
    cwd: work,
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
  });
  const code = await child.exited;
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0)
    throw new Error(`${command.join(" ")} exited with ${code}:\n${await readFile(log, "utf8")}`);
  return seconds;
}

function report(title: string, pairs: readonly number[][]): void {
  const column = (index: number): number[] => pairs.map((pair) => pair[index] ?? Number.NaN);
  const ratios = pairs.map(([ours = Number.NaN, theirs = Number.NaN]) => ours / theirs);
  console.log(
    `${title}: ours ${summary(column(0), 3)} s, theirs ${summary(column(1), 3)} s, ratio ${summary(ratios, 3)} (median, min-max of ${pairs.length})`,
  );
}
