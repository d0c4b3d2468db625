import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";

export type StandIns = {
  /** For PATH: has a `hive`, and a `buildkite-agent` that keeps what it is given. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** The command lines of hive so far, each once, in order. */
  calls(): Promise<string[]>;
  /** What the agent uploaded last, its annotation. */
  uploaded(): Promise<string>;
  annotation(): Promise<string>;
};

/** Programs of a machine that runs jobs, below `directory`. */
export async function standIns(directory: string): Promise<StandIns> {
  const path = join(directory, "bin");
  const file = (name: string): string => join(directory, name);
  await mkdir(path, { recursive: true });
  await executable(
    join(path, "hive"),
    `exec '${process.execPath}' '${join(import.meta.dir, "hive-stand-in.ts")}' "$@"`,
  );
  await executable(
    join(path, "buildkite-agent"),
    `case $1 in
  pipeline) cp "$3" '${file("uploaded")}' ;;
  annotate) cat > '${file("annotation")}' ;;
esac`,
  );
  await Bun.write(file("calls"), "");
  return {
    path,
    env: { HIVE_TEST_CALLS: file("calls") },
    calls: async () => (await Bun.file(file("calls")).text()).trimEnd().split("\n"),
    uploaded: () => Bun.file(file("uploaded")).text(),
    annotation: () => Bun.file(file("annotation")).text(),
  };
}

async function executable(path: string, script: string): Promise<void> {
  await Bun.write(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
