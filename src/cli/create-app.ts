import { createConsola } from "consola/core";
import type { App, Output } from "./app.ts";

type Flags = Readonly<Record<string, string | undefined>>;

/** consola's numbers for our level names. */
const levels: Readonly<Record<string, number>> = { error: 0, warn: 1, info: 3, debug: 4 };

/** Binds a command to this process's streams, as its global flags ask. */
export function createApp(flags: Flags, world: Pick<App, "env" | "cwd" | "signal">): App {
  const stderr = outputOf(process.stderr, flags["color"], world.env);
  return {
    ...world,
    stdout: outputOf(process.stdout, flags["color"], world.env),
    stderr,
    log: createConsola({
      level: levels[flags["log-level"] ?? "info"] ?? 3,
      reporters: [
        {
          log: (entry) =>
            stderr.write(`${prefixOf(entry.type)}${entry.args.map(String).join(" ")}\n`),
        },
      ],
    }),
  };
}

function prefixOf(type: string): string {
  if (type === "warn") return "Warning: ";
  return type === "debug" ? "Debug: " : "";
}

function outputOf(stream: NodeJS.WriteStream, when: string | undefined, env: App["env"]): Output {
  const isTTY = stream.isTTY === true;
  return {
    isTTY,
    color: colorOf(when, isTTY, env),
    size: () => ({ columns: stream.columns ?? 80, rows: stream.rows ?? 24 }),
    write: (text) => void stream.write(text),
  };
}
