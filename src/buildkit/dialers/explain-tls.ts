import { HiveError } from "../../base/hive-error.ts";
import { type TlsProblem, tlsProblem } from "../../http2/tls-problem.ts";

type TlsWay = {
  /** The name or the IP address that the certificate has to be for. */
  readonly name: string;
  /** When the certificate of our own is over; undefined: there is none. */
  readonly validTo?: Date | undefined;
};

/** What ended TLS, in words and with a next step; undefined for what has nothing to do with it. */
export function explainTls(error: unknown, way: TlsWay): HiveError | undefined {
  const problem = tlsProblem(error, way.validTo !== undefined);
  if (problem === undefined) return undefined;
  const [reason, hint] = wordsOf(problem, way);
  return new HiveError("unreachable", reason, { hint, cause: error });
}

function wordsOf(
  problem: TlsProblem,
  { name, validTo }: TlsWay,
): readonly [reason: string, hint: string] {
  switch (problem.kind) {
    case "untrusted":
      return [
        "its certificate is of an authority that is not trusted here",
        "Name the authority's certificate by ca=FILE in the address.",
      ];
    case "expired":
      return [
        "its certificate has expired",
        "It needs a new one; or is this machine's clock wrong?",
      ];
    case "early":
      return [
        "its certificate is not valid yet",
        "Is this machine's clock wrong, or the daemon's?",
      ];
    case "name":
      return [
        `its certificate is not for ${name}, but for ${problem.names}`,
        "Use a name of the certificate in the address, or say which one to expect by servername=NAME.",
      ];
    case "certificate-wanted":
      return [
        "it wants a certificate of the client",
        "Name yours and its key by cert=FILE&key=FILE in the address, or a directory with both by tls=DIRECTORY.",
      ];
    case "certificate-refused":
      return validTo !== undefined && validTo.getTime() < Date.now()
        ? ["the client's certificate has expired", "Have a new one made."]
        : [
            `it does not accept the client's certificate (${problem.said})`,
            "It must be one of the authority that the daemon's settings name, and for clients.",
          ];
    case "not-http2":
      return ["it speaks TLS, but not HTTP/2", "See whether BuildKit listens there."];
    case "not-tls":
      return [
        "it does not speak TLS",
        "Leave tls, ca, cert, key and servername out of the address if its network is to be trusted.",
      ];
  }
}
