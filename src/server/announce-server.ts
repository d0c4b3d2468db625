import { currentOwner } from "../oci/run-owner.ts";
import {
  removeServerState,
  renewServerState,
  type ServerState,
  writeServerState,
} from "./server-state.ts";

/** In milliseconds; well within the day after which a note counts as left behind by those who can't ask the process. */
const interval = 3600_000;

/** Tells the commands that look after the server on `storage` how to reach it, until disposed of. */
export async function announceServer(
  storage: string,
  server: Pick<ServerState, "url" | "controlToken" | "certificateAuthority" | "certificate">,
  onError: (error: Error) => void,
): Promise<AsyncDisposable> {
  const owner = currentOwner();
  await writeServerState(storage, {
    version: 1,
    pid: process.pid,
    owner,
    address: server.url.slice(server.url.indexOf("://") + 3),
    ...server,
  });
  const timer = setInterval(() => void renewServerState(storage).catch(onError), interval);
  timer.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await removeServerState(storage, owner);
    },
  };
}
