import { HiveError } from "../base/hive-error.ts";
import type { App } from "./app.ts";
import { onTerminalRestore } from "./terminal-restore.ts";

/** Asks the person at the terminal that standard input is. Disposing gives the terminal back. */
export type Prompt = Disposable & {
  /**
   * What was typed, up to the end of the line.
   * @param echo Whether it is to be seen.
   * @throws HiveError "interrupted" at Ctrl-C, "usage" when the input ends
   */
  ask(question: string, options: { readonly echo: boolean }): Promise<string>;
};

/** Takes the terminal: nothing that is typed shows but by ourselves, so that nothing does between two questions. */
export function openPrompt({ stderr, signal }: App): Prompt {
  const restore = (): void => void process.stdin.setRawMode(false);
  process.stdin.setRawMode(true);
  onTerminalRestore(restore);
  const typed = characters();
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => undefined);
  const interrupt = (): void => interrupted.reject(signal.reason);
  signal.addEventListener("abort", interrupt, { once: true });

  async function next(): Promise<string> {
    signal.throwIfAborted();
    const { value, done } = await Promise.race([typed.next(), interrupted.promise]);
    if (done !== true) return value;
    throw new HiveError("usage", "The input ended before there was an answer");
  }

  /** What arrow keys send, and pasting: `ESC [ 200 ~`. */
  async function skipSequence(): Promise<void> {
    if (!/[[O]/.test(await next())) return;
    while (!/[@-~]/.test(await next()));
  }

  async function readLine(echo: boolean): Promise<string> {
    const line: string[] = [];
    const erase = (count: number): void => {
      const gone = line.splice(line.length - count, count);
      if (echo) stderr.write("\b \b".repeat(gone.length));
    };
    for (;;) {
      const character = await next();
      if (character === "\r" || character === "\n") return line.join("");
      if (character === "\x03") throw new HiveError("interrupted", "Interrupted");
      if (character === "\x04" && line.length === 0) {
        throw new HiveError("usage", "The input ended before there was an answer");
      }
      if (character === "\x1b") await skipSequence();
      else if (character === "\x7f" || character === "\b") erase(Math.min(1, line.length));
      else if (character === "\x15") erase(line.length);
      else if (!/\p{Cc}/u.test(character)) {
        line.push(character);
        if (echo) stderr.write(character);
      }
    }
  }

  return {
    async ask(question, { echo }) {
      stderr.write(question);
      try {
        return await readLine(echo);
      } finally {
        stderr.write("\n");
      }
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", interrupt);
      onTerminalRestore(undefined);
      process.stdin.pause();
      restore();
    },
  };
}

async function* characters(): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  for await (const chunk of process.stdin) {
    yield* decoder.decode(chunk as Uint8Array, { stream: true });
  }
  return undefined;
}
