import { closestNames } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { splitCommand } from "./arguments.ts";
import { type CommandEntry, type CommandGroup, rootGroup } from "./command-table.ts";
import { globalFlags } from "./global-flags.ts";

export type FoundCommand = {
  /** The command, or the group that no command of was named. */
  readonly entry: CommandEntry | CommandGroup;
  /** The words that name it: `["registry", "start"]`; none for hive itself. */
  readonly path: readonly string[];
  /** Whether `help` stood before or among them. */
  readonly help: boolean;
  /** All other arguments. */
  readonly rest: readonly string[];
};

/**
 * Follows the words of a command line from group to command. Before a command's name only global flags may stand.
 * @throws HiveError "usage" for a command that there is not.
 */
export function findCommand(argv: readonly string[]): FoundCommand {
  const path: string[] = [];
  let entry: CommandEntry | CommandGroup = rootGroup;
  let rest = [...argv];
  let help = false;
  while ("commands" in entry) {
    const split = splitCommand(rest, globalFlags);
    if (split.name === undefined) break;
    rest = split.rest;
    if (split.name === "help") {
      help = true;
    } else {
      entry = commandOf(entry, path, split.name);
      path.push(entry.name);
    }
  }
  return { entry, path, help, rest };
}

function commandOf(
  group: CommandGroup,
  path: readonly string[],
  name: string,
): CommandEntry | CommandGroup {
  const entry = group.commands.find((candidate) => candidate.name === name);
  if (entry !== undefined) return entry;
  const [best] =
    name === "version"
      ? ["--version"]
      : closestNames(
          name,
          group.commands.map((candidate) => candidate.name),
        );
  const start = ["hive", ...path].join(" ");
  const elsewhere = best === undefined && path.length === 0 ? findBelow(group, name) : undefined;
  throw new HiveError("usage", `Unknown command "${[...path, name].join(" ")}"`, {
    hint:
      best === undefined && elsewhere === undefined
        ? `Run \`${start} --help\` to see the commands`
        : `Did you mean "${start} ${best ?? elsewhere}"?`,
  });
}

/** The words of a command of that very name in a group, where there is one alone: `dev prune`. */
function findBelow(group: CommandGroup, name: string): string | undefined {
  const found = group.commands.flatMap((entry) =>
    "commands" in entry && entry.commands.some((candidate) => candidate.name === name)
      ? [`${entry.name} ${name}`]
      : [],
  );
  return found.length === 1 ? found[0] : undefined;
}
