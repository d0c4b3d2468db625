import { HiveError } from "../base/hive-error.ts";
import { formatDuration } from "../base/format-duration.ts";
import { printable } from "../base/printable.ts";
import { isRecord } from "../base/is-record.ts";
import type { HttpAnswer } from "./exchange.ts";
import { jsonOf } from "./json-of.ts";
import { plainHttpHint } from "./plain-http-hint.ts";
import { retryAfter } from "./retry.ts";

/** Longer texts of a registry are of no use to people. */
const textLimit = 300;

/**
 * What a registry answered instead of what was asked for.
 * @param host The registry.
 * @param action What was tried: `list the tags of "app"`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes}
 */
export function refusal(host: string, action: string, answer: HttpAnswer): HiveError {
  const { status } = answer;
  const kind = status === 401 || status === 403 ? "unauthorized" : "failed";
  const said = errorsIn(answer.bytes);
  const reason = said === "" ? `it answered ${status}` : `${status}, ${said}`;
  return new HiveError(kind, `Cannot ${action} on ${host}: ${reason}`, {
    hint: hintFor(host, answer),
  });
}

function hintFor(host: string, answer: HttpAnswer): string | undefined {
  const { status, headers, shown } = answer;
  const login = `\`hive login ${host}\``;
  switch (status) {
    case 400:
      return plainHttpHint(host, answer);
    case 401:
      if (shown === "password") return `The name or password is wrong: log in again with ${login}.`;
      if (shown !== "token") return `Log in with ${login}.`;
      return `What was shown has expired or was revoked, or gives no right to this: log in again with ${login}.`;
    case 403:
      return `Log in as a user that has the right to, with ${login}.`;
    case 405:
      return "The registry does not offer this, or it is switched off.";
    case 429: {
      const wait = retryAfter(headers);
      return wait === undefined ? "Try again later." : `Try again in ${formatDuration(wait)}.`;
    }
    default:
      return status >= 500 ? "Try again; what the registry logs may say more." : undefined;
  }
}

/** The errors of a body as the specification has it, as one safe line; empty when it is another body. */
function errorsIn(bytes: Uint8Array): string {
  const list = jsonOf(bytes);
  if (!isRecord(list) || !Array.isArray(list["errors"])) return "";
  const texts = list["errors"].filter(isRecord).map(({ code, message }) => {
    const parts = [code, message].filter((part) => typeof part === "string" && part !== "");
    return parts.join(": ");
  });
  const line = printable(texts.filter(Boolean).join("; "));
  return line.length > textLimit ? `${line.slice(0, textLimit)}…` : line;
}
