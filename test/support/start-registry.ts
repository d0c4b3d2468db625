import { type HiveOptions, type RunningHive, startHive } from "./run-hive.ts";

export type RunningRegistry = AsyncDisposable & {
  readonly hive: RunningHive;
  /** `http://127.0.0.1:41234`. */
  readonly url: string;
  /** `127.0.0.1:41234`. */
  readonly address: string;
};

/**
 * Starts `hive registry start` on a free port. Disposing of it ends it, without waiting for more of a push unless
 * `--stop-grace` says so, and checks that it ended well.
 */
export async function startRegistry(
  args: readonly string[],
  options: Pick<HiveOptions, "env" | "program"> = {},
): Promise<RunningRegistry> {
  const hive = startHive(["registry", "start", "--port=0", "--stop-grace=0", ...args], {
    ...options,
    // A server ends with its test, which may be told to take hours.
    deadline: 86_400_000,
  });
  await hive.prints(/^https?:\/\/\S+\n/m);
  const url = /^(https?:\/\/\S+)$/m.exec(hive.stdout())?.[1] ?? "";
  return {
    hive,
    url,
    address: url.slice(url.indexOf("://") + 3),
    async [Symbol.asyncDispose]() {
      hive.kill("SIGTERM");
      const { exitCode, stderr } = await hive.result;
      if (exitCode !== 0) throw new Error(`The registry ended with ${exitCode}:\n${stderr}`);
    },
  };
}
