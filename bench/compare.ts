import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/**
 * `bun bench/compare.ts --project DIR --hive FILE --buildx FILE --builder NAME [--runs N]`: builds the generated
 * project with both tools and prints wall times.
 * cold: BuildKit has nothing cached, the tool has no result. warm: nothing changed since the run before.
 */
const { values } = parseArgs({
  options: {
    project: { type: "string", default: "" },
    hive: { type: "string", default: "dist/hive" },
    buildx: { type: "string", default: "docker-buildx" },
    builder: { type: "string", default: "" },
    runs: { type: "string", default: "5" },
  },
});

type Contestant = {
  readonly name: string;
  readonly directory: string;
  readonly command: readonly string[];
  /** What it leaves in `directory`. */
  readonly results: string;
};

const contestants: readonly Contestant[] = [
  {
    name: "hive build",
    directory: join(values.project, "hive"),
    command: [resolve(values.hive), "build"],
    results: ".hive",
  },
  {
    name: "buildx bake",
    directory: join(values.project, "bake"),
    // Writing files next to the bake file is asked about otherwise.
    command: [
      values.buildx,
      "bake",
      "--builder",
      values.builder,
      "--allow",
      "fs=*",
      "--provenance=false",
    ],
    results: "out",
  },
];

/** Runs a command to its end. @throws Error with its output when it fails. */
async function runCommand(command: readonly string[], directory: string): Promise<void> {
  const child = Bun.spawn([...command], {
    cwd: directory,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (child.exitCode !== 0) {
    throw new Error(`"${command.join(" ")}" failed:\n${stdout}${stderr}`);
  }
}

/** Seconds that one build takes. */
async function time(contestant: Contestant): Promise<number> {
  const start = performance.now();
  await runCommand(contestant.command, contestant.directory);
  return (performance.now() - start) / 1000;
}

async function forget(contestant: Contestant): Promise<void> {
  const results = join(contestant.directory, contestant.results);
  await rm(results, { recursive: true, force: true });
  await mkdir(results);
  await runCommand(
    [values.buildx, "prune", "--builder", values.builder, "--all", "--force"],
    values.project,
  );
}

function describe(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const [least, median, most] = [0, (sorted.length - 1) >> 1, sorted.length - 1].map((index) =>
    (sorted[index] ?? Number.NaN).toFixed(2),
  );
  return `${median} s (${least} to ${most})`;
}

// Turn by turn, so that a slow minute of the machine hits both.
const times = contestants.map((contestant) => ({
  contestant,
  cold: [] as number[],
  warm: [] as number[],
}));
for (let run = 0; run < Number(values.runs); run += 1) {
  for (const { contestant, cold, warm } of times) {
    await forget(contestant);
    cold.push(await time(contestant));
    warm.push(await time(contestant));
  }
}

console.log(`24 images in 4 levels, median (least to most) of ${values.runs} runs\n`);
console.log("| | cold | warm |\n|---|---|---|");
for (const { contestant, cold, warm } of times) {
  console.log(`| ${contestant.name} | ${describe(cold)} | ${describe(warm)} |`);
}
