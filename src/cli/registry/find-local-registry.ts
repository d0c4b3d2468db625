import { HiveError } from "../../base/hive-error.ts";
import { readServerState, type ServerState } from "../../server/server-state.ts";
import type { App } from "../app.ts";
import { storageDirectory } from "./storage-directory.ts";

/**
 * The registry that runs on this machine.
 * @throws HiveError "unreachable" when none does.
 */
export async function findLocalRegistry(
  app: App,
  storage: string | undefined,
): Promise<ServerState> {
  const directory = storageDirectory(app, storage);
  const state = await readServerState(directory);
  if (state !== undefined) return state;
  throw new HiveError("unreachable", `No registry is running on "${directory}"`, {
    hint: "Start it with `hive registry start`, or name its directory with --storage.",
  });
}
