import { HiveError } from "../base/hive-error.ts";
import { systemErrorCode } from "../base/system-error.ts";
import type { RegistryAddress } from "./registry-address.ts";

type Explanation = { readonly reason: string; readonly hint: string };

const untrusted: Explanation = {
  reason: "its certificate is of an authority that is not known here",
  hint: "Name the file of its certificate authority with --ca-cert.",
};

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: { reason: "nobody listens there", hint: "Is it running, and is the port right?" },
  ENOTFOUND: { reason: "there is no such host", hint: "Is the name right, and does DNS know it?" },
  EAI_AGAIN: { reason: "its name can't be looked up now", hint: "Is this machine on line?" },
  EHOSTUNREACH: { reason: "there is no way to it", hint: "Is this machine on line?" },
  ENETUNREACH: { reason: "there is no way to it", hint: "Is this machine on line?" },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: {
    reason: "its certificate has expired",
    hint: "It needs a new one; or is this machine's clock wrong?",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: "its certificate is for another name",
    hint: "Use a name that stands in the certificate.",
  },
  ERR_PROXY_TUNNEL: {
    reason: "the proxy on the way there refuses",
    hint: "Look at HTTPS_PROXY and NO_PROXY: does it want a password, may one go there through it?",
  },
  EPROTO: {
    reason: "it does not speak TLS",
    hint: "Ask for plain HTTP with --plain-http if its network is to be trusted.",
  },
};

/**
 * What broke a connection, for people.
 * @param url What was asked for, at the registry or where it sent us.
 */
export function connectionError(
  { host, origin }: RegistryAddress,
  url: URL,
  error: unknown,
): HiveError {
  const { reason, hint } = explain(error, url.origin);
  const what = url.origin === origin ? `the registry ${host}` : `${url.host} for ${host}`;
  return new HiveError("unreachable", `Cannot reach ${what}: ${reason}`, { cause: error, hint });
}

function explain(error: unknown, origin: string): Explanation {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return { reason: error.message, hint: "Try again; is the registry overloaded?" };
  }
  const code = systemErrorCode(error) ?? "";
  const known = explanations[code];
  if (known !== undefined) return known;
  const hint = origin.startsWith("http:")
    ? "Does it speak TLS? Then write https:// before its address, or name its certificate authority with --ca-cert."
    : "Try again.";
  // Not the runtime's message: it has URLs in it, and URLs have secrets.
  return { reason: code === "" ? "the connection broke" : `the connection broke (${code})`, hint };
}
