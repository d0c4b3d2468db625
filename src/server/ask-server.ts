import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import { controlPath } from "./control.ts";
import type { ServerState } from "./server-state.ts";

type AskOptions = {
  readonly method: "GET" | "POST";
  /** `status`, `gc?dry-run=true`. */
  readonly request: string;
  /** Milliseconds to wait for the answer. */
  readonly timeout: number;
  readonly signal: AbortSignal;
};

/**
 * Asks a server of this machine, as its administrator.
 * @throws HiveError "unreachable" when it does not answer, "failed" with what it says when it refuses.
 */
export async function askServer(state: ServerState, options: AskOptions): Promise<unknown> {
  const { method, request, timeout, signal } = options;
  const late = AbortSignal.timeout(timeout);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${state.url}${controlPath}${request}`, {
      method,
      headers: { Authorization: `Bearer ${state.controlToken}` },
      signal: AbortSignal.any([signal, late]),
      redirect: "error",
      tls: await trustIn(state),
    });
    body = await response.json();
  } catch (error) {
    signal.throwIfAborted();
    const reason = late.aborted ? `no answer within ${timeout / 1000} s` : String(error);
    throw new HiveError("unreachable", `Cannot ask the registry at ${state.url}: ${reason}`, {
      cause: error,
      hint: "See `hive registry logs`; start it again if it hangs.",
    });
  }
  if (response.ok) return body;
  throw new HiveError("failed", `The registry at ${state.url} refused: ${messageOf(body)}`, {
    hint: "See `hive registry logs`.",
  });
}

type Trust = {
  readonly ca?: string;
  /** Bun has it as Node does; its types do not. */
  readonly allowPartialTrustChain?: boolean;
  readonly checkServerIdentity?: () => undefined;
};

async function trustIn({ certificateAuthority, certificate }: ServerState): Promise<Trust> {
  if (certificateAuthority !== undefined) {
    return { ca: await readFile(certificateAuthority, "utf8") };
  }
  if (certificate === undefined) return {};
  // This very certificate, and no other of its authority: it is for a name by which others reach the server.
  const ca = new X509Certificate(await readFile(certificate)).toString();
  return { ca, allowPartialTrustChain: true, checkServerIdentity: () => undefined };
}

function messageOf(body: unknown): string {
  const errors = isRecord(body) ? body["errors"] : undefined;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return isRecord(first) ? String(first["message"]) : "no reason given";
}
