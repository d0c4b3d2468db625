import type { ArgsDef } from "citty";
import { closestNames } from "../base/closest.ts";
import { exitCodeOf, HiveError } from "../base/hive-error.ts";
import type { App } from "./app.ts";
import { canonicalArguments, splitCommand } from "./arguments.ts";
import { type CommandEntry, commandTable } from "./command-table.ts";
import { createApp } from "./create-app.ts";
import { globalFlags } from "./global-flags.ts";
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
    const reason: unknown =
      world.signal.aborted && !(error instanceof HiveError) ? world.signal.reason : error;
    const { printError } = await import("./print-error.ts");
    printError(reason, createApp({ color: colorFlag(argv) }, world));
    return exitCodeOf(reason instanceof HiveError ? reason.kind : "internal");
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const { name, rest } = splitCommand(argv, globalFlags);
  if (name === undefined) return await answerWithoutCommand(rest, world);
  if (name === "help") return await help(rest, world);

  const entry = findCommand(name);
  if (wantsHelp(rest)) return await help([name], world);
  const definition = await entry.load();
  const rawArgs = canonicalArguments(rest, definition.args as ArgsDef, world.env);
  const { runCommand } = await import("citty");
  const app = createApp(flagValues(rawArgs), world);
  const { result } = await runCommand(definition, { rawArgs, data: app });
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

/** `hive help [command]`, `hive command --help`. */
async function help(rest: readonly string[], world: World): Promise<number> {
  const { renderCommandHelp, renderOverview } = await import("./help.ts");
  const name = rest.find((argument) => !argument.startsWith("-"));
  const entry = name === undefined ? undefined : findCommand(name);
  const text =
    entry === undefined ? renderOverview() : renderCommandHelp(entry, await entry.load());
  createApp({}, world).stdout.write(text);
  return 0;
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some(
    (argument) => argument === "--help" || argument === "-h",
  );
}

function findCommand(name: string): CommandEntry {
  const entry = commandTable.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const names = commandTable.map((candidate) => candidate.name);
  const [best] = closestNames(name, names);
  throw new HiveError("usage", `Unknown command "${name}"`, {
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

/** Errors about arguments are coloured as asked although the arguments could not be read as a whole. */
function colorFlag(argv: readonly string[]): string | undefined {
  return argv.findLast((argument) => argument.startsWith("--color="))?.slice("--color=".length);
}
