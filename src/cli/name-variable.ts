import { HiveError } from "../base/hive-error.ts";
import type { Environment } from "../base/environment.ts";
import { environmentName } from "./environment-name.ts";

type Flags = {
  /** Those of the command line, in canonical form: what is not among them came from the environment. */
  readonly written: readonly string[];
  readonly env: Environment;
  /** The group of the command, if it is in one. */
  readonly group: string | undefined;
};

/** What a command says of a flag's value, said of the variable where that has it: nobody wrote the flag then. */
export function nameVariable(error: unknown, { written, env, group }: Flags): unknown {
  if (!(error instanceof HiveError) || error.kind !== "usage") return error;
  const [start = "", flag = ""] = /^Cannot use --([\w-]+)=/.exec(error.message) ?? [];
  const variable = environmentName(flag, group);
  const isWritten = written.some((argument) => argument.startsWith(`--${flag}=`));
  if (start === "" || isWritten || (env[variable] ?? "") === "") return error;
  const message = `Cannot use ${variable}=${error.message.slice(start.length)}`;
  const { kind, hint, diagnostics } = error;
  return new HiveError(kind, message, { hint, diagnostics, cause: error });
}
