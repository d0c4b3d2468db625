import { join } from "node:path";
import { tempDirectory } from "../../support/temp-directory.ts";

/** The parser and the linter of Prometheus. */
export type PrometheusPeer = AsyncDisposable & {
  /** Series and their values. Rejects with what is wrong with the text. */
  read(text: string): Promise<ReadonlyMap<string, number>>;
};

export async function buildPrometheusPeer(): Promise<PrometheusPeer> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const binary = join(directory.path, "prometheus-peer");
  const source = join(import.meta.dir, "../../support/prometheus-peer");
  await output(Bun.spawn(["go", "build", "-o", binary, "."], { cwd: source, ...pipes }), "");
  const owned = stack.move();
  return {
    async read(text) {
      const lines = await output(Bun.spawn([binary], pipes), text);
      return new Map(
        lines
          .trim()
          .split("\n")
          .map((line) => {
            const space = line.lastIndexOf(" ");
            return [line.slice(0, space), Number(line.slice(space + 1))];
          }),
      );
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const pipes = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;

async function output(
  child: Bun.Subprocess<"pipe", "pipe", "pipe">,
  input: string,
): Promise<string> {
  await child.stdin.write(input);
  await child.stdin.end();
  const [text, errors, code] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(errors);
  return text;
}
