import type { ArgsDef } from "citty";
import { closest } from "../base/closest.ts";
import { exitCodeOf, HiveError } from "../base/hive-error.ts";
import type { App } from "./app.ts";
import { canonicalArguments, splitCommand } from "./arguments.ts";
import { type CommandEntry, commandTable } from "./command-table.ts";
import { createApp } from "./create-app.ts";
import { globalFlags } from "./global-flags.ts";
import { printError } from "./print-error.ts";
import { version } from "./version.ts";

type World = Pick<App, "env" | "cwd" | "signal">;

/**
 * Runs one command line.
 * @returns the exit code; what went wrong was printed to stderr.
 */
export async function run(argv: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(argv, world);
  } catch (error) {
    if (isBrokenPipe(error)) return 0;
    const reason =
      world.signal.aborted && !(error instanceof HiveError) ? world.signal.reason : error;
    printError(reason, world.env);
    return exitCodeOf(reason instanceof HiveError ? reason.kind : "internal");
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const { name, rest } = splitCommand(argv, globalFlags);
  if (name === undefined) return await answerWithoutCommand(rest, world);
  const entry = findCommand(name);
  const asked =
    entry ??
    (name === "help" ? commandTable.find((candidate) => rest.includes(candidate.name)) : undefined);
  if (name === "help" && asked === undefined) return await answerWithoutCommand(["--help"], world);
  if (asked === undefined) throw unknownCommand(name);

  const definition = await asked.load();
  const definitions: ArgsDef = { ...globalFlags, ...definition.args };
  if (name === "help" || wantsHelp(rest)) {
    const { renderCommandHelp } = await import("./help.ts");
    createApp({}, world).stdout.write(renderCommandHelp(asked, definition));
    return 0;
  }
  const rawArgs = canonicalArguments(rest, definitions, world.env);
  const { runCommand } = await import("citty");
  const command = { ...definition, args: definitions };
  const { result } = await runCommand(command, {
    rawArgs,
    data: createApp(flagValues(rawArgs), world),
  });
  return typeof result === "number" ? result : 0;
}

async function answerWithoutCommand(rest: readonly string[], world: World): Promise<number> {
  const flags = flagValues(canonicalArguments(rest, globalFlags, world.env));
  const { stdout, stderr } = createApp(flags, world);
  if (flags["version"] !== undefined) {
    stdout.write(`hive ${version}\n`);
    return 0;
  }
  const { renderOverview } = await import("./help.ts");
  const asked = flags["help"] !== undefined;
  (asked ? stdout : stderr).write(renderOverview());
  return asked ? 0 : exitCodeOf("usage");
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some(
    (argument) => argument === "--help" || argument === "-h",
  );
}

function findCommand(name: string): CommandEntry | undefined {
  return commandTable.find((entry) => entry.name === name);
}

function unknownCommand(name: string): HiveError {
  const [best] = closest(
    name,
    commandTable.map((entry) => entry.name),
  );
  return new HiveError("usage", `Unknown command "${name}"`, {
    hint:
      best === undefined ? "Run `hive --help` to see the commands" : `Did you mean "hive ${best}"?`,
  });
}

/** `--color=never` as `{ color: "never" }`, from arguments in canonical form. */
function flagValues(rawArgs: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const argument of rawArgs) {
    if (argument === "--") break;
    const [, name = "", value = "true"] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    values[name] = value;
  }
  return values;
}

function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}
