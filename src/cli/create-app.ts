import { createConsola } from "consola/core";
import { printableLines } from "../base/printable.ts";
import { type ColorChoice, lookFor } from "../progress/terminal.ts";
import type { App, Stream } from "./app.ts";
import { writeTo } from "./output.ts";

type Flags = Readonly<Record<string, string | undefined>>;
/** What `run()` is given of the process that hive runs in. */
export type World = Pick<App, "env" | "cwd" | "signal" | "endBySignal">;

/** consola's numbers for our level names. */
const levels: Readonly<Record<string, number>> = { error: 0, warn: 1, info: 3, debug: 4 };

/** Binds a command to this process's streams, as its global flags ask. */
export function createApp(flags: Flags, world: World, given: App["given"] = new Set()): App {
  const color = flags["color"];
  const stderr = streamOf(process.stderr, color, world.env);
  return {
    ...world,
    given,
    stdout: streamOf(process.stdout, color, world.env),
    stderr,
    log: createConsola({
      level: levels[flags["log-level"] ?? "info"] ?? 3,
      reporters: [
        {
          log: ({ type, args }) =>
            stderr.write(`${prefixOf(type, stderr)}${shown(args.map(String).join(" "))}\n`),
        },
      ],
    }),
  };
}

/** Names and addresses come from anywhere. */
function shown(text: string): string {
  return printableLines(text).join("\n");
}

function prefixOf(type: string, { look }: Stream): string {
  if (type === "warn") return look.paint.yellow("warning: ");
  return type === "debug" ? look.paint.dim("debug: ") : "";
}

function streamOf(stream: NodeJS.WriteStream, color: string | undefined, env: App["env"]): Stream {
  // Undefined for a pipe, whatever its type says.
  const { isTTY } = stream;
  return {
    isTTY,
    look: lookFor(env, isTTY, isColorChoice(color) ? color : "auto"),
    get columns() {
      return stream.columns ?? 80;
    },
    get width() {
      return isTTY ? stream.columns || undefined : undefined;
    },
    get rows() {
      return stream.rows ?? 24;
    },
    write: (text) => writeTo(stream, text),
  };
}

function isColorChoice(text: string | undefined): text is ColorChoice {
  return text === "always" || text === "never" || text === "auto";
}
