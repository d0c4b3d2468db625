import { join } from "node:path";

/** What a server in the background says. */
export function serverLog(storage: string): string {
  return join(storage, "server.log");
}

/** The requests to a server in the background, where no other file is named. */
export function accessLog(storage: string): string {
  return join(storage, "access.log");
}
