import type { ArgDef, ArgsDef, CommandDef } from "citty";
import type { CommandEntry, CommandGroup } from "./command-table.ts";
import { environmentName, groupOfFlags } from "./environment-name.ts";
import { globalFlags } from "./global-flags.ts";

/** `hive --help`, `hive registry --help`. */
export function renderOverview(group: CommandGroup, path: readonly string[]): string {
  const start = ["hive", ...path].join(" ");
  return [
    `${group.description}.`,
    "",
    `Usage: ${start} <command> [flags]`,
    "",
    "Commands:",
    ...columns(group.commands.map(({ name, description }) => [name, description])),
    "",
    "Flags for every command:",
    ...columns(flagRows(globalFlags)),
    "",
    environmentNote(path[0]),
    `Run \`${start} <command> --help\` for a command's own flags.`,
    "",
  ].join("\n");
}

/** `hive build --help`. */
export function renderCommandHelp(
  entry: CommandEntry,
  path: readonly string[],
  definition: CommandDef,
): string {
  const globals: ArgsDef = globalFlags;
  // A command may have a flag of its own by the name of a global one.
  const args = Object.fromEntries(
    Object.entries((definition.args ?? {}) as ArgsDef).filter(
      ([name, arg]) => globals[name] !== arg,
    ),
  );
  const others = Object.fromEntries(Object.entries(globals).filter(([name]) => !(name in args)));
  const positional = Object.entries(args).filter(([, arg]) => arg.type === "positional");
  const usage = positional.map(([name, arg]) => {
    const hint = arg.valueHint ?? name;
    return arg.required === false ? `[${hint}]` : `<${hint}>`;
  });
  const flags = flagRows(args);
  return [
    `${entry.description}.`,
    "",
    `Usage: ${["hive", ...path, "[flags]", ...usage].join(" ")}`,
    "",
    ...(positional.length === 0
      ? []
      : [
          "Arguments:",
          ...columns(
            positional.map(([name, arg]) => [arg.valueHint ?? name, arg.description ?? ""]),
          ),
          "",
        ]),
    ...(flags.length === 0 ? [] : ["Flags:", ...columns(flags), ""]),
    "Flags for every command:",
    ...columns(flagRows(others)),
    "",
    environmentNote(groupOfFlags(path), args),
    "",
  ].join("\n");
}

function environmentNote(group: string | undefined, args: ArgsDef = {}): string {
  if (group === undefined)
    return "Every flag can be set as HIVE_<FLAG> in the environment, as HIVE_PROGRESS=plain.";
  const own = environmentName("<flag>", group);
  const same = group in args ? `--${group} as ${environmentName(group, group)}, ` : "";
  return `Every flag can be set as ${own} in the environment, ${same}those for every command as HIVE_<FLAG>.`;
}

function flagRows(args: ArgsDef): [string, string][] {
  return Object.entries(args)
    .filter(([, arg]) => arg.type !== "positional")
    .map(([name, arg]) => {
      // A flag that is on by default is only of use to switch off.
      const negative = "negativeDescription" in arg ? arg.negativeDescription : undefined;
      if (negative !== undefined) return [`    --no-${name}`, negative];
      return [flagUsage(name, arg), describe(arg)];
    });
}

function flagUsage(name: string, arg: ArgDef): string {
  const [short] = "alias" in arg ? [arg.alias ?? []].flat() : [];
  const value = arg.type === "boolean" ? "" : ` <${arg.valueHint ?? "value"}>`;
  return `${short === undefined ? "    " : `-${short}, `}--${name}${value}`;
}

function describe(arg: ArgDef): string {
  const fallback =
    arg.default === undefined || arg.default === false ? "" : ` (default: ${String(arg.default)})`;
  return `${arg.description ?? ""}${fallback}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}
