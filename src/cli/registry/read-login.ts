import { HiveError } from "../../base/hive-error.ts";
import { bearerOf, passwordOf } from "../../credentials/given-credential.ts";
import type { RemoteCredential } from "../../remote/credential.ts";
import type { App } from "../app.ts";
import { openPrompt } from "../open-prompt.ts";
import { readSecret } from "./read-secret.ts";

/** Who logs in. No flag takes a secret: others would see it. */
export const loginFlags = {
  username: {
    type: "string",
    alias: "u",
    valueHint: "name",
    description: "The user (default: asked for)",
  },
  "password-stdin": {
    type: "boolean",
    description: "Read the password from standard input instead of asking for it",
  },
  "token-stdin": {
    type: "boolean",
    description: "Read a token from standard input: a bearer token, or an identity token",
  },
} as const;

type LoginFlags = {
  readonly username?: string | undefined;
  readonly "password-stdin"?: boolean | undefined;
  readonly "token-stdin"?: boolean | undefined;
};

/**
 * What is to be shown to a registry: from standard input, or asked for at the terminal. A token may be meant in two ways.
 * @throws HiveError "usage", "interrupted"
 */
export async function readLogin(
  app: App,
  { username, ...flags }: LoginFlags,
  host: string,
): Promise<RemoteCredential[]> {
  const fromInput = flags["password-stdin"] === true;
  if (flags["token-stdin"] === true) {
    if (fromInput) throw bothInputs();
    const token = bearerOf((await readSecret(app.signal)).trim(), "--token-stdin");
    return [token, { username: "", secret: token.bearer }];
  }
  if (fromInput) {
    if (username === undefined) throw noUser();
    return [passwordOf(username, some(await readSecret(app.signal)), "--password-stdin")];
  }
  if (!process.stdin.isTTY) throw noTerminal();
  using prompt = openPrompt(app);
  const user = username ?? (await prompt.ask(`User name for ${host}: `, { echo: true }));
  if (user === "") throw noUser();
  const password = await prompt.ask(`Password of ${user}: `, { echo: false });
  return [passwordOf(user, some(password), "what was typed")];
}

function some(password: string): string {
  if (password !== "") return password;
  throw new HiveError("usage", "Cannot log in with an empty password");
}

function bothInputs(): HiveError {
  return new HiveError("usage", "Cannot use --password-stdin and --token-stdin together", {
    hint: "Give the one that is on standard input.",
  });
}

function noUser(): HiveError {
  return new HiveError("usage", "Cannot log in without a user name", {
    hint: "Give it with --username.",
  });
}

function noTerminal(): HiveError {
  return new HiveError("usage", "Cannot ask for a password: standard input is no terminal", {
    hint: "Give --username, and the password on standard input with --password-stdin.",
  });
}
