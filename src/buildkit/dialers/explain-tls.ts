import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";

type TlsWay = {
  /** The name or the IP address that the certificate has to be for. */
  readonly name: string;
  /** When the certificate of our own is over; undefined: there is none. */
  readonly validTo?: Date | undefined;
};

const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

/**
 * What ended TLS, in words and with a next step; undefined for what has nothing to do with it.
 * With TLS 1.3 a server's alert about our certificate comes when the handshake is over for us.
 */
export function explainTls(error: unknown, way: TlsWay): HiveError | undefined {
  const reason = reasonOf(error, way);
  if (reason === undefined) return undefined;
  return new HiveError("unreachable", reason[0], { hint: reason[1], cause: error });
}

function reasonOf(
  error: unknown,
  { name, validTo }: TlsWay,
): readonly [reason: string, hint: string] | undefined {
  const code = systemErrorCode(error) ?? "";
  if (untrusted.has(code)) {
    return [
      "its certificate is of an authority that is not trusted here",
      "Name the authority's certificate by ca=FILE in the address.",
    ];
  }
  if (code === "CERT_HAS_EXPIRED") {
    return ["its certificate has expired", "It needs a new one; or is this machine's clock wrong?"];
  }
  if (code === "CERT_NOT_YET_VALID") {
    return ["its certificate is not valid yet", "Is this machine's clock wrong, or the daemon's?"];
  }
  const text = error instanceof Error ? error.message : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = /cert's (?:altnames|list): (.+)$/.exec(text)?.[1] ?? "";
    return [
      `its certificate is not for ${name}, but for ${names === "" ? "other names" : names}`,
      "Use a name of the certificate in the address, or say which one to expect by servername=NAME.",
    ];
  }
  if (code !== "EPROTO") return undefined;
  const alert = /ALERT_([A-Z_]+)/.exec(text)?.[1];
  if (alert === "NO_APPLICATION_PROTOCOL") {
    return ["it speaks TLS, but not HTTP/2", "See whether BuildKit listens there."];
  }
  if (
    alert === "CERTIFICATE_REQUIRED" ||
    (alert === "HANDSHAKE_FAILURE" && validTo === undefined)
  ) {
    return [
      "it wants a certificate of the client",
      "Name yours and its key by cert=FILE&key=FILE in the address, or a directory with both by tls=DIRECTORY.",
    ];
  }
  if (alert !== undefined && /CA|CERTIFICATE/.test(alert)) {
    const said = alert
      .toLowerCase()
      .replaceAll("_", " ")
      .replace(/\bca\b/, "CA");
    return validTo !== undefined && validTo.getTime() < Date.now()
      ? ["the client's certificate has expired", "Have a new one made."]
      : [
          `it does not accept the client's certificate (${said})`,
          "It must be one of the authority that the daemon's settings name, and for clients.",
        ];
  }
  if (alert !== undefined) return undefined;
  return [
    "it does not speak TLS",
    "Leave tls, ca, cert, key and servername out of the address if its network is to be trusted.",
  ];
}
