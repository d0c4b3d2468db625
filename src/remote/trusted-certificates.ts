import { X509Certificate } from "node:crypto";
import { getCACertificates } from "node:tls";
import { HiveError } from "../base/hive-error.ts";

/**
 * The certificates to trust besides those that are always: of a file that the user names.
 * @param pem One certificate or more.
 * @throws HiveError "usage" when there is none in it.
 */
export function trustedCertificates(pem: string | undefined): readonly string[] | undefined {
  if (pem === undefined) return undefined;
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) {
    throw new HiveError("usage", "Cannot use the certificate authority: it is no certificate", {
      hint: "It must be in PEM form, with -----BEGIN CERTIFICATE-----.",
    });
  }
  // A list of one's own takes the place of the default one, which a redirect to public storage needs.
  return [...getCACertificates("default"), ...blocks];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.byteLength > 0;
  } catch {
    return false;
  }
}
