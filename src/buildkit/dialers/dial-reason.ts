import { errorMessage } from "../../base/error-message.ts";
import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";
import { socketProblem } from "../../http2/socket-problem.ts";

const groupHint =
  "Your user may not open the socket: join the group that owns it (see ls -l), or start buildkitd with --group.";

/** Why a dialer failed, in words, with what to do where that is known. */
export function dialReason(error: unknown): {
  readonly reason: string;
  readonly hint?: string | undefined;
} {
  if (error instanceof HiveError) return { reason: error.message, hint: error.hint };
  const code = systemErrorCode(error);
  const reason = socketProblem(error) ?? code ?? errorMessage(error);
  return code === "EACCES" || code === "EPERM" ? { reason, hint: groupHint } : { reason };
}
