/**
 * What goes through a build's session, against buildctl: the same daemon, the same directories, in turn. `sh bench/session.sh`
 *
 *   BUILDKIT_HOST=unix:///run/buildkit/buildkitd.sock bun bench/session.ts --buildctl PATH [--rounds 5] [--only TEXT]
 *
 * Ours is `bench/session-client.ts`, compiled as hive is. Whole commands are timed. The daemon is pruned of everything
 * before each run, but where a row says otherwise. Prints seconds, CPU seconds of the client alone and, pair by pair, ratios:
 * below 1 ours is less. The machine should be quiet, and TMPDIR and the daemon's state in memory; quote the ratios.
 */
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./describe-machine.ts";
import { summary } from "./summary.ts";

type Tool = "ours" | "theirs";
type Run = { readonly seconds: number; readonly cpu: number; readonly memory: number };
type Row = {
  readonly title: string;
  /** Not timed; before each run. */
  readonly before: (tool: Tool, round: number) => Promise<unknown>;
  readonly command: (tool: Tool) => string[];
  /** Looks at what came out. */
  readonly after?: () => Promise<void>;
};

const { values: flags } = parseArgs({
  options: {
    buildctl: { type: "string" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
  },
});
const { buildctl } = flags;
if (buildctl === undefined || process.env["BUILDKIT_HOST"] === undefined) {
  throw new Error("Set BUILDKIT_HOST and --buildctl: see the top of bench/session.ts");
}
const gibibyte = 2 ** 30;
const smallFiles = 20_000;
const work = await mkdtemp(join(tmpdir(), "hive-bench-"));

try {
  console.log(describeMachine());
  await measureAll(buildctl);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function measureAll(theirs: string): Promise<void> {
  const ours = await compileClient();
  const big = await bigContext();
  const small = await smallContext();
  const archive = join(work, "image.tar");
  const prune = (): Promise<Run> => timed([theirs, "prune", "--all"]);
  const build = (tool: Tool, directory: string): string[] =>
    tool === "ours" ? [ours, directory] : [theirs, ...dockerBuild(directory)];
  const rows: Row[] = [
    { title: "1 GiB in one file", before: prune, command: (tool) => build(tool, big) },
    {
      title: `${smallFiles} small files`,
      before: prune,
      command: (tool) => build(tool, small),
    },
    {
      title: `${smallFiles} small files again, one of them changed`,
      async before(tool, round) {
        await prune();
        await timed(build(tool, small));
        await writeFile(join(small, "0", "0"), `changed for ${tool} in round ${round}`);
      },
      command: (tool) => build(tool, small),
    },
    {
      title: "OCI archive of 1 GiB",
      async before() {
        await rm(archive, { force: true });
        // Cached from then on: what is measured is the way here.
        await timed(build("theirs", big));
      },
      command: (tool) =>
        tool === "ours"
          ? [ours, big, archive]
          : [
              theirs,
              ...dockerBuild(big),
              "--output",
              `type=oci,compression=uncompressed,dest=${archive}`,
            ],
      async after() {
        const { size } = await stat(archive);
        if (size < gibibyte) throw new Error(`The archive has ${size} bytes only`);
      },
    },
  ];
  for (const row of rows) if (row.title.includes(flags.only)) await measure(row);
}

async function measure({ title, before, command, after }: Row): Promise<void> {
  const runs: Record<Tool, Run[]> = { ours: [], theirs: [] };
  // The first pair only warms up: it is not counted.
  for (let round = -1; round < Number(flags.rounds); round++) {
    for (const tool of round % 2 === 0
      ? (["ours", "theirs"] as const)
      : (["theirs", "ours"] as const)) {
      await before(tool, round);
      const result = await timed(command(tool));
      await after?.();
      if (round >= 0) runs[tool].push(result);
    }
  }
  const { ours, theirs } = runs;
  const ratios = (value: (run: Run) => number): number[] =>
    ours.map((run, index) => value(run) / value(theirs[index] ?? run));
  const seconds = ({ seconds: value }: Run): number => value;
  const cpu = ({ cpu: value }: Run): number => value;
  console.log(`${title} (median, min-max of ${ours.length})`);
  console.log(
    `  time: ours ${summary(ours.map(seconds), 2)} s, buildctl ${summary(theirs.map(seconds), 2)} s, ratio ${summary(ratios(seconds), 2)}`,
  );
  console.log(
    `  client CPU: ours ${summary(ours.map(cpu), 2)} s, buildctl ${summary(theirs.map(cpu), 2)} s, ratio ${summary(ratios(cpu), 2)}`,
  );
  console.log(
    `  memory: ours ${Math.max(...ours.map(({ memory }) => memory)).toFixed(0)} MiB at most`,
  );
}

function dockerBuild(directory: string): string[] {
  return [
    "build",
    "--progress=plain",
    "--frontend=dockerfile.v0",
    `--local=context=${directory}`,
    `--local=dockerfile=${directory}`,
  ];
}

async function compileClient(): Promise<string> {
  const outfile = join(work, "session-client");
  const result = await Bun.build({
    entrypoints: [join(import.meta.dir, "session-client.ts")],
    minify: true,
    bytecode: true,
    format: "esm",
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  });
  if (!result.success) throw new Error(result.logs.map(({ message }) => message).join("\n"));
  return outfile;
}

async function bigContext(): Promise<string> {
  const directory = join(work, "big");
  await mkdir(directory);
  await writeFile(join(directory, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  await using file = await open(join(directory, "file"), "w");
  const chunk = new Uint8Array(65_536);
  for (let size = 0; size < gibibyte; size += chunk.length) {
    await file.write(crypto.getRandomValues(chunk));
  }
  return directory;
}

async function smallContext(): Promise<string> {
  const directory = join(work, "small");
  await mkdir(directory);
  await writeFile(join(directory, "Dockerfile"), "FROM scratch\nCOPY . /\n");
  const perDirectory = 100;
  const chunk = new Uint8Array(4096);
  for (let index = 0; index < smallFiles; index++) {
    const parent = join(directory, String(Math.floor(index / perDirectory)));
    if (index % perDirectory === 0) await mkdir(parent);
    await writeFile(join(parent, String(index)), crypto.getRandomValues(chunk));
  }
  return directory;
}

/** @throws when the command fails. */
async function timed(command: string[]): Promise<Run> {
  const log = join(work, "log");
  const start = performance.now();
  const child = Bun.spawn(command, {
    cwd: work,
    stdin: "ignore",
    stdout: "pipe",
    stderr: Bun.file(log),
  });
  const output = await new Response(child.stdout).text();
  const code = await child.exited;
  const seconds = (performance.now() - start) / 1000;
  if (code !== 0) {
    throw new Error(`${command.join(" ")} exited with ${code}:\n${await readFile(log, "utf8")}`);
  }
  const cpu = Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6;
  return { seconds, cpu, memory: Number(output.trim().split("\n").at(-1) ?? 0) / 1024 };
}
