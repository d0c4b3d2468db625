import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { App } from "../app.ts";
import { openRemote } from "./open-remote.ts";

/**
 * Flags of commands that work on two registries: those of `registryFlags` and for credentials, each for one side, as
 * `--src-authfile` and `--dest-authfile`.
 */
export const sideFlags = {} as const;

/** One of the two registries of a command, with the credentials for its side. @throws HiveError */
export async function openSide(
  app: App,
  flags: Readonly<Record<string, unknown>>,
  _side: "src" | "dest",
  address: string,
): Promise<RemoteRegistry> {
  return await openRemote(app, flags, address);
}
