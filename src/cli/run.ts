import type { ArgsDef } from "citty";
import { errorKind, exitCodeOf, HiveError } from "../base/hive-error.ts";
import { canonicalArguments } from "./arguments.ts";
import type { CommandEntry, CommandGroup } from "./command-table.ts";
import { createApp, type World } from "./create-app.ts";
import { groupOfFlags } from "./environment-name.ts";
import { findCommand } from "./find-command.ts";
import { globalFlags } from "./global-flags.ts";
import { version } from "./version.ts";

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
    return exitCodeOf(errorKind(reason));
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const { entry, path, help, rest } = findCommand(argv);
  if (help || wantsHelp(rest)) return await printHelp(entry, path, world);
  if ("commands" in entry) return await answerWithoutCommand(entry, path, rest, world);
  const definition = await entry.load();
  const group = groupOfFlags(path);
  const args = definition.args as ArgsDef;
  const rawArgs = canonicalArguments(rest, args, world.env, group);
  const written = canonicalArguments(rest, args, {}, group);
  const { runCommand } = await import("citty");
  const app = createApp(flagValues(rawArgs), world, new Set(Object.keys(flagValues(written))));
  try {
    const { result } = await runCommand(definition, { rawArgs, data: app });
    return typeof result === "number" ? result : 0;
  } catch (error) {
    const { nameVariable } = await import("./name-variable.ts");
    throw nameVariable(error, { written, env: world.env, group });
  }
}

async function answerWithoutCommand(
  group: CommandGroup,
  path: readonly string[],
  rest: readonly string[],
  world: World,
): Promise<number> {
  const flags = flagValues(canonicalArguments(rest, globalFlags, world.env));
  const { stdout, stderr } = createApp(flags, world);
  if (flags["version"] !== undefined) {
    stdout.write(`hive ${version}\n`);
    return 0;
  }
  const { renderOverview } = await import("./help.ts");
  stderr.write(renderOverview(group, path));
  return exitCodeOf("usage");
}

/** `hive help [command]`, `hive <command> --help`. */
async function printHelp(
  entry: CommandEntry | CommandGroup,
  path: readonly string[],
  world: World,
): Promise<number> {
  const { renderCommandHelp, renderOverview } = await import("./help.ts");
  const text =
    "commands" in entry
      ? renderOverview(entry, path)
      : renderCommandHelp(entry, path, await entry.load());
  createApp({}, world).stdout.write(text);
  return 0;
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some(
    (argument) => argument === "--help" || argument === "-h",
  );
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
