import { HiveError } from "../../base/hive-error.ts";
import type { App } from "../app.ts";
import { type CredentialFlag, credentialFlags } from "./credential-flags.ts";

/** One of the two registries of a command that works on two. */
export type Side = "src" | "dest";

/** Where a credential is to come from, as one flag says. */
export type CredentialChoice = {
  readonly mode: "home" | "none" | "env" | "authfile" | "credsfile" | "creds" | "token";
  /** The flag as it is written: `--src-authfile`. */
  readonly flag: string;
  /** What it was given. A secret where it is one. */
  readonly value: string;
  /** Whether it stands on the command line. */
  readonly given: boolean;
};

const names = Object.keys(credentialFlags) as readonly CredentialFlag[];

/**
 * The one credential flag that counts for a registry: of the command line before the environment, there of the side before
 * both sides. Undefined when there is none.
 * @throws HiveError "usage" for two of the same weight
 */
export function chooseCredential(
  app: Pick<App, "env" | "given">,
  flags: Readonly<Record<string, unknown>>,
  side?: Side,
): CredentialChoice | undefined {
  const found = [...(side === undefined ? [] : [`${side}-`]), ""].flatMap((prefix) =>
    names.flatMap((name) => choiceOf(app, flags, { prefix, name })),
  );
  const weights = [true, false].flatMap((given) =>
    ["side", "both"].map((of) =>
      found.filter((choice) => choice.given === given && isSided(choice, side) === (of === "side")),
    ),
  );
  const [first, second] = weights.find((choices) => choices.length > 0) ?? [];
  if (first === undefined || second === undefined) return first;
  throw new HiveError("usage", `Cannot use ${first.flag} and ${second.flag} together`, {
    hint: first.given
      ? "Each says where credentials come from: give one of them."
      : "Each says where credentials come from: set one of them in the environment.",
  });
}

function choiceOf(
  { env, given }: Pick<App, "env" | "given">,
  flags: Readonly<Record<string, unknown>>,
  { prefix, name }: { readonly prefix: string; readonly name: CredentialFlag },
): CredentialChoice | [] {
  const flag = `${prefix}${name}`;
  const value = flags[flag];
  if (typeof value !== "string" || value === "") return [];
  // In the group of `hive registry` this flag's variable is that of the mode env, which goes to one registry only.
  if (flag === "token" && !given.has(flag) && value === env["HIVE_REGISTRY_TOKEN"]) return [];
  const mode = name === "auth" ? (value as "home" | "none" | "env") : name;
  return { mode, flag: `--${flag}`, value, given: given.has(flag) };
}

function isSided({ flag }: CredentialChoice, side: Side | undefined): boolean {
  return side !== undefined && flag.startsWith(`--${side}-`);
}
