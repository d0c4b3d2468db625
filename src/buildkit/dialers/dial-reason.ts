import { HiveError } from "../../base/hive-error.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

const groupHint =
  "Your user may not open the socket: join the group that owns it (see ls -l), or start buildkitd with --group.";

/** Why a dialer failed, in words, with what to do where that is known. */
export function dialReason(
  error: unknown,
  endpoint: Endpoint,
): { readonly reason: string; readonly hint?: string | undefined } {
  if (error instanceof HiveError) return { reason: error.message, hint: error.hint };
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError") return { reason: "no answer" };
  if (code === "EACCES" || code === "EPERM")
    return { reason: "permission denied", hint: groupHint };
  if (code === "ENOENT") return { reason: "no such socket" };
  if (code === "ENOTFOUND") return { reason: "unknown host" };
  if (code !== "ECONNREFUSED") return { reason: code ?? message };
  return { reason: endpoint.kind === "unix" ? "nobody listens on it" : "connection refused" };
}
