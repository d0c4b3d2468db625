import type { ArgsDef, CommandDef, ParsedArgs } from "citty";
import type { App } from "./app.ts";
import { globalFlags } from "./global-flags.ts";

/** A command's own flags go before global ones of the same name. */
type Flags<T extends ArgsDef> = T & Omit<typeof globalFlags, keyof T>;

type Definition<T extends ArgsDef> = {
  readonly args: T;
  /** Does the work; a number is the exit code. */
  readonly run: (app: App, args: ParsedArgs<Flags<T>>) => Promise<number | void>;
};

/** A command: its own flags and the global ones, typed, then one call. */
export function defineCommand<const T extends ArgsDef>(definition: Definition<T>): CommandDef {
  const args: ArgsDef = { ...definition.args, ...globalFlags, ...definition.args };
  // The runner hands the command the world in citty's untyped data, and arguments checked against `args`.
  return {
    args,
    run: (context) =>
      definition.run(context.data as App, context.args as unknown as ParsedArgs<Flags<T>>),
  };
}
