import { parseArgs } from "node:util";
import type { ArgDef, ArgsDef } from "citty";
import { closestNames } from "../base/closest.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { environmentName } from "./environment-name.ts";

type Token = ReturnType<typeof tokenize>[number];

/** Splits `hive [flags] command [flags] [arguments]`: the command's name, and the rest without it. */
export function splitCommand(
  argv: readonly string[],
  globals: ArgsDef,
): { name: string | undefined; rest: string[] } {
  const first = tokenize(argv, globals).find((token) => token.kind !== "option");
  if (first?.kind !== "positional") return { name: undefined, rest: [...argv] };
  return { name: first.value, rest: argv.filter((_, index) => index !== first.index) };
}

/**
 * Checks arguments against their definitions, strictly, and writes them in the one form that the command
 * parser can't misread: `--name=value`, then the positional ones.
 * Flags that are absent come from the environment where their `environmentName()` is set.
 * @param group The group of the command, if it is in one.
 * @throws HiveError "usage" for an unknown flag, a missing value, a value out of its list, a surplus argument.
 */
export function canonicalArguments(
  argv: readonly string[],
  definitions: ArgsDef,
  env: Environment,
  group?: string,
): string[] {
  const flags = new Map<string, string[]>();
  const positional: string[] = [];
  for (const token of tokenize(argv, definitions)) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      positional.push(token.value);
      continue;
    }
    const { name, value } = readFlag(token, definitions);
    flags.set(name, [...(flags.get(name) ?? []), value]);
  }
  for (const [name, definition] of flagsOf(definitions)) {
    const value = fromEnvironment(name, definition, env, group);
    if (value !== undefined && !flags.has(name)) flags.set(name, [value]);
  }
  checkPositional(positional, definitions);
  return [
    ...[...flags].map(([name, values]) => canonicalFlag(name, values, definitions[name])),
    "--",
    ...positional,
  ];
}

/** What the environment says of a flag; `HIVE_NO_<NAME>` for one that is only there to be switched off. */
function fromEnvironment(
  name: string,
  definition: ArgDef,
  env: Environment,
  group: string | undefined,
): string | undefined {
  if (name === "help" || name === "version") return undefined;
  const negative = "negativeDescription" in definition;
  const variable = environmentName(negative ? `no-${name}` : name, group);
  const value = env[variable];
  if (value === undefined || value === "") return undefined;
  const checked = checkedValue(definition, value, variable);
  if (!negative) return checked;
  return checked === "true" ? "false" : "true";
}

/** Whether a flag may be given several times, or with a list: its hint ends with ",...". */
function isList(definition: ArgDef | undefined): boolean {
  return definition?.valueHint?.endsWith(",...") ?? false;
}

/** The values of a list flag; commas and repetition mean the same. */
export function listOf(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A whole number of at least `least`. @throws HiveError "usage" */
export function numberOf(flag: string, value: string, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least) {
    throw new HiveError(
      "usage",
      `Cannot use --${flag}=${value}: expected a whole number of at least ${least}`,
    );
  }
  return number;
}

function tokenize(argv: readonly string[], definitions: ArgsDef) {
  const options = Object.fromEntries(
    flagsOf(definitions).flatMap(([name, definition]) => {
      const type = definition.type === "boolean" ? ("boolean" as const) : ("string" as const);
      const aliases = [definition.alias ?? []].flat();
      // parseArgs knows one short form per option: further ones are options of their own, joined by readFlag.
      return [
        [name, { type }],
        ...aliases.map((alias) => [`${alias}-alias`, { type, short: alias }]),
      ];
    }),
  );
  return parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  }).tokens;
}

function readFlag(
  token: Extract<Token, { kind: "option" }>,
  definitions: ArgsDef,
): { name: string; value: string } {
  const { name, negated } = resolveName(token, definitions);
  const definition = definitions[name];
  if (definition === undefined || definition.type === "positional") {
    throw unknownFlag(token.rawName, definitions);
  }
  if (definition.type === "boolean") {
    if (typeof token.value === "string") {
      return { name, value: checkedValue(definition, token.value, `--${name}`) };
    }
    return { name, value: negated ? "false" : "true" };
  }
  if (negated) throw unknownFlag(token.rawName, definitions);
  const value = token.value;
  if (
    typeof value !== "string" ||
    value === "" ||
    (value.startsWith("-") && !token.inlineValue && value !== "-")
  ) {
    throw new HiveError("usage", `Cannot use ${token.rawName} without a value`, {
      hint: `Write ${token.rawName}=${definition.valueHint ?? "value"}`,
    });
  }
  return { name, value: checkedValue(definition, value, `--${name}`) };
}

function resolveName(
  token: { readonly name: string; readonly rawName: string },
  definitions: ArgsDef,
): { name: string; negated: boolean } {
  for (const [name, definition] of flagsOf(definitions)) {
    if (
      [definition.alias ?? []]
        .flat()
        .some((alias) => token.name === `${alias}-alias` || token.name === alias)
    ) {
      return { name, negated: false };
    }
  }
  if (token.name in definitions)
    return { name: token.name, negated: token.rawName === `--no-${token.name}` };
  const positive = token.name.replace(/^no-/, "");
  return { name: positive, negated: token.rawName.startsWith("--no-") };
}

function checkedValue(definition: ArgDef, value: string, source: string): string {
  if (definition.type === "boolean") {
    const known: Readonly<Record<string, string>> = {
      "1": "true",
      true: "true",
      yes: "true",
      "0": "false",
      false: "false",
      no: "false",
    };
    const result = known[value.toLowerCase()];
    if (result !== undefined) return result;
    // Not shown: a value where none belongs may be a secret that was meant for another flag.
    throw new HiveError("usage", `Cannot use the value of ${source}: expected true or false`);
  }
  if (
    definition.type === "enum" &&
    definition.options !== undefined &&
    !definition.options.includes(value)
  ) {
    throw new HiveError(
      "usage",
      `Cannot use ${source}=${value}: expected ${definition.options.join(", ")}`,
      {
        hint: suggestion(value, definition.options),
      },
    );
  }
  return value;
}

function unknownFlag(rawName: string, definitions: ArgsDef): HiveError {
  const known = flagsOf(definitions).map(([name]) => `--${name}`);
  return new HiveError("usage", `Unknown flag ${rawName}`, {
    hint: suggestion(rawName, known) ?? "Run the command with --help to see its flags",
  });
}

function suggestion(word: string, known: readonly string[]): string | undefined {
  const [best] = closestNames(word, known);
  return best === undefined ? undefined : `Did you mean ${best}?`;
}

function flagsOf(definitions: ArgsDef): [string, Exclude<ArgDef, { type?: "positional" }>][] {
  return Object.entries(definitions).filter(
    (entry): entry is [string, Exclude<ArgDef, { type?: "positional" }>] =>
      entry[1].type !== "positional",
  );
}

function checkPositional(values: readonly string[], definitions: ArgsDef): void {
  const hint = "Run the command with --help to see what it takes";
  const expected = Object.entries(definitions).filter(
    ([, definition]) => definition.type === "positional",
  );
  const missing = expected
    .slice(values.length)
    .find(([, definition]) => definition.required !== false);
  if (missing !== undefined) {
    throw new HiveError("usage", `Missing argument: ${missing[1].valueHint ?? missing[0]}`, {
      hint,
    });
  }
  if (expected.some(([, definition]) => definition.valueHint?.endsWith("...") ?? false)) return;
  const surplus = values[expected.length];
  if (surplus !== undefined) {
    throw new HiveError("usage", `Unexpected argument "${surplus}"`, { hint });
  }
}

function canonicalFlag(
  name: string,
  values: readonly string[],
  definition: ArgDef | undefined,
): string {
  const last = values.at(-1) ?? "";
  if (definition?.type === "boolean") return last === "true" ? `--${name}` : `--no-${name}`;
  return `--${name}=${isList(definition) ? values.join(",") : last}`;
}
