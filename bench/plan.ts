/**
 * What hive does besides building, against `docker buildx bake`: 200 images x 3 tags x 2 platforms, the same graph, in turn.
 *
 *   BUILDKIT_HOST=unix:///run/buildkit/buildkitd.sock bun bench/plan.ts --buildx PATH [--rounds 5] [--images 200]
 *
 * `hive plan --json` against `bake --print`, whole processes; then builds that have nothing to do, on the same daemon:
 * bake pushes to a hive's registry on loopback, hive keeps its images in the project. Prints milliseconds and, pair by
 * pair, ratios: below 1 hive is faster. The machine should be quiet; quote the ratios, not the milliseconds.
 * With 200 images bake's builds take many minutes each; `--images 10` is over soon.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openLayout } from "../src/oci/layout.ts";
import { serveRegistry } from "../src/registry/serve-registry.ts";
import { bakeSettings, sourceDateEpoch } from "./bake-settings.ts";
import { describeMachine } from "./describe-machine.ts";
import { generateMatrix, type MatrixShape } from "./generate-matrix.ts";
import { summary } from "./summary.ts";

const { values: flags } = parseArgs({
  options: {
    hive: { type: "string", default: "dist/hive" },
    buildx: { type: "string" },
    rounds: { type: "string", default: "5" },
    images: { type: "string", default: "200" },
  },
});
const { buildx } = flags;
const daemon = process.env["BUILDKIT_HOST"];
if (buildx === undefined || daemon === undefined) {
  throw new Error("Set BUILDKIT_HOST and --buildx: see the top of bench/plan.ts");
}
const hive = resolve(flags.hive);
const work = await mkdtemp(join(tmpdir(), "hive-bench-"));
const env = {
  ...process.env,
  BUILDX_CONFIG: join(work, "buildx"),
  CI: "",
  NO_COLOR: "1",
  SOURCE_DATE_EPOCH: sourceDateEpoch,
};
const shape: MatrixShape = {
  images: Number(flags.images),
  tags: 3,
  platforms: ["linux/amd64", "linux/arm64"],
};

try {
  await measure(buildx, daemon);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function measure(bakePath: string, address: string): Promise<void> {
  console.log(describeMachine());
  console.log(`${shape.images} images x ${shape.tags} tags x ${shape.platforms.length} platforms`);
  const project = join(work, "project");
  await generateMatrix(project, shape, `${Date.now()}`);
  const file = ["-f", join(project, "docker-bake.json")];
  await compare("plan", {
    ours: [hive, "plan", "--json", "-p", project],
    theirs: [bakePath, "bake", ...file, "--print"],
  });

  await run([bakePath, "create", "--name", "bench", "--driver", "remote", address]);
  using layout = await openLayout(join(work, "bake-store"));
  await using registry = await serveRegistry({ layout });
  const commands = {
    ours: [hive, "build", "--progress=quiet", "-p", project],
    theirs: [bakePath, "bake", ...file, ...bakeSettings(registry.address)],
  };
  for (const [who, command] of Object.entries(commands)) {
    console.log(`first build, ${who}: ${Math.round(await run(command))} ms`);
  }
  await compare("build with nothing to do", commands);
}

async function compare(
  title: string,
  commands: { readonly ours: readonly string[]; readonly theirs: readonly string[] },
): Promise<void> {
  // Once for caches of the file system.
  for (const command of Object.values(commands)) await run(command);
  const pairs: { readonly ours: number; readonly theirs: number }[] = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    const times = { ours: 0, theirs: 0 };
    const order = round % 2 === 0 ? (["ours", "theirs"] as const) : (["theirs", "ours"] as const);
    for (const who of order) times[who] = await run(commands[who]);
    pairs.push(times);
  }
  const ours = summary(
    pairs.map((pair) => pair.ours),
    0,
  );
  const theirs = summary(
    pairs.map((pair) => pair.theirs),
    0,
  );
  const ratios = summary(
    pairs.map((pair) => pair.ours / pair.theirs),
    3,
  );
  console.log(`${title}: ours ${ours} ms, theirs ${theirs} ms, ratio ${ratios}`);
}

/** Milliseconds that a command took. @throws when it fails. */
async function run(command: readonly string[]): Promise<number> {
  const log = join(work, "log");
  const start = performance.now();
  const child = Bun.spawn([...command], {
    env,
    cwd: work,
    stdin: "ignore",
    stdout: Bun.file(log),
    stderr: Bun.file(log),
  });
  const code = await child.exited;
  const time = performance.now() - start;
  if (code === 0) return time;
  throw new Error(`${command.join(" ")} exited with ${code}:\n${await readFile(log, "utf8")}`);
}
