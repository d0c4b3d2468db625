import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import type { Side } from "./choose-credential.ts";
import { connectionFlags } from "./connection-flags.ts";
import { credentialFlags } from "./credential-flags.ts";
import { openRemote, type RegistryFlags } from "./open-remote.ts";

const bothFlags = { ...connectionFlags, ...credentialFlags } as const;

type Sided<Name extends Side> = {
  readonly [Flag in keyof typeof bothFlags as `${Name}-${Flag}`]: (typeof bothFlags)[Flag];
};

/**
 * Flags of commands that work on two registries: those for connections and credentials, for both sides, and each for one
 * side, as `--src-authfile` and `--dest-authfile`.
 */
export const sideFlags = {
  ...bothFlags,
  ...sided("src", "the source"),
  ...sided("dest", "the destination"),
} as const;

/**
 * One of the two registries of a command, with the flags for its side, and those for both where its side has none. A
 * password or token for both is refused once the second one is another registry: open both before asking any.
 * @param repository What it is opened for, where that is one repository.
 * @throws HiveError as `openRemote`
 */
export async function openSide(
  app: App,
  flags: Readonly<Record<string, unknown>>,
  side: Side,
  address: string,
  repository?: string,
): Promise<RemoteRegistry> {
  const settings = {
    ...flags,
    "ca-cert": flags[`${side}-ca-cert`] ?? flags["ca-cert"],
    "plain-http": flags[`${side}-plain-http`] ?? flags["plain-http"],
  } as RegistryFlags;
  return await openRemote(app, settings, address, { side, repository });
}

function sided<Name extends Side>(side: Name, where: string): Sided<Name> {
  return Object.fromEntries(
    Object.entries(bothFlags).map(([name, flag]) => [
      `${side}-${name}`,
      { ...flag, description: `The same as --${name}, for ${where} only` },
    ]),
  ) as Sided<Name>;
}
