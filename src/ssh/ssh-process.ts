import type { Environment } from "../base/environment.ts";
import { endsWithin } from "../base/ends-within.ts";
import { HiveError } from "../base/hive-error.ts";
import { printableLines } from "../base/printable.ts";
import { searchPath } from "../base/search-path.ts";

/** An `ssh` of the user's that runs until it is disposed. */
export type SshProcess = AsyncDisposable & {
  /** Resolves when it has ended, whatever the reason. */
  readonly exited: Promise<void>;
  readonly isOver: () => boolean;
  /** The last lines that it printed since `mark`, oldest first. */
  readonly words: (mark?: number) => readonly string[];
  /** Now, for {@link words}. */
  readonly mark: () => number;
};

/**
 * Runs the program that its arguments name until that ends by itself, or standard input does: a pipe from hive, which the
 * kernel closes however hive ends. What the program leaves in $1 goes with it. Ctrl-C in a terminal reaches all of its processes:
 * hive needs the connection to cancel the build, so the others let it pass.
 */
const leash = `
trap '' INT QUIT HUP
directory=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
(read -r _ <&3; kill "$program"; sleep 3; kill -9 "$program") >/dev/null 2>&1 &
watch=$!
wait "$program"
code=$?
kill "$watch"
rm -rf "$directory"
exit "$code"
`;

const wordsLimit = 8 * 1024;
const endLimit = 5_000;

/**
 * Starts `ssh` with these arguments.
 * @param directory is removed when it ends
 * @throws HiveError "usage" when there is no ssh on PATH
 */
export function startSsh(
  args: readonly string[],
  { env, directory }: { readonly env: Environment; readonly directory: string },
): SshProcess {
  const program = Bun.which("ssh", { PATH: searchPath(env) });
  if (program === null) {
    throw new HiveError("usage", "There is no ssh on PATH", {
      hint: "Install OpenSSH's client, or forward the socket by other means and use a unix:// address.",
    });
  }
  const child = Bun.spawn(["/bin/sh", "-c", leash, "sh", directory, program, ...args], {
    // Its own messages are read for what went wrong.
    env: { ...env, LC_ALL: "C" },
    stdin: "pipe",
    stdout: "ignore",
    stderr: "pipe",
  });
  let text = "";
  let total = 0;
  async function collect(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      const piece = decoder.decode(chunk, { stream: true });
      total += piece.length;
      text = (text + piece).slice(-wordsLimit);
    }
  }
  let over = false;
  const exited = (async () => {
    const said = collect();
    await child.exited;
    // What it said last counts; but a program that it started may keep the pipe.
    await endsWithin(said, 1_000);
    over = true;
  })();
  return {
    exited,
    isOver: () => over,
    mark: () => total,
    words(mark = 0) {
      const said = mark >= total ? "" : text.slice(Math.max(0, text.length - (total - mark)));
      return printableLines(said).filter((line) => line.trim() !== "");
    },
    async [Symbol.asyncDispose]() {
      await child.stdin.end();
      if (!(await endsWithin(exited, endLimit))) child.kill("SIGKILL");
    },
  };
}
