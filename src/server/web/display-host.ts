import { parseReference } from "../../oci/reference.ts";

/**
 * The address as it stands in a pull command: the Host that the browser used, if it is one that a reference can begin
 * with, else `fallback`. It is the client's word, so it is shown and never acted upon.
 */
export function displayHost(host: string | null, fallback: string): string {
  if (host === null) return fallback;
  try {
    return parseReference(`${host}/x`).registry === host ? host : fallback;
  } catch {
    return fallback;
  }
}
