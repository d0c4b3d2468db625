import { systemErrorCode } from "../base/system-error.ts";

/** What ended TLS. */
export type TlsProblem =
  /** The peer's certificate: of an authority that is not trusted, not valid at this time, or for others. */
  | { readonly kind: "untrusted" | "expired" | "early" }
  | { readonly kind: "name"; readonly names: string }
  /** The peer wants a certificate of ours, or another one. */
  | { readonly kind: "certificate-wanted" }
  | { readonly kind: "certificate-refused"; readonly said: string }
  | { readonly kind: "not-http2" | "not-tls" };

const codes: Readonly<Record<string, "untrusted" | "expired" | "early">> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  CERT_SIGNATURE_FAILURE: "untrusted",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "early",
};

/**
 * Reads an error of `connectSocket()`, or of a stream's end: with TLS 1.3 a server's alert about our certificate
 * comes when the handshake is over for us. Undefined for what has nothing to do with TLS.
 * @param hasCertificate whether we showed one of our own
 */
export function tlsProblem(error: unknown, hasCertificate: boolean): TlsProblem | undefined {
  const code = systemErrorCode(error) ?? "";
  const text = error instanceof Error ? error.message : "";
  const known = codes[code];
  if (known !== undefined) return { kind: known };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = /cert's (?:altnames|list): (.+)$/.exec(text)?.[1];
    return { kind: "name", names: names ?? "other names" };
  }
  if (code !== "EPROTO") return undefined;
  const alert = /ALERT_([A-Z_]+)/.exec(text)?.[1];
  if (alert === undefined) return { kind: "not-tls" };
  if (alert === "NO_APPLICATION_PROTOCOL") return { kind: "not-http2" };
  // TLS 1.2 says no more than that the handshake failed.
  if (alert === "CERTIFICATE_REQUIRED" || (alert === "HANDSHAKE_FAILURE" && !hasCertificate)) {
    return { kind: "certificate-wanted" };
  }
  if (!/CA|CERTIFICATE/.test(alert)) return undefined;
  const said = alert
    .toLowerCase()
    .replaceAll("_", " ")
    .replace(/\bca\b/, "CA");
  return { kind: "certificate-refused", said };
}
