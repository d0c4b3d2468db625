import { getCACertificates } from "node:tls";
import { certificateBlocks } from "../base/certificate-blocks.ts";
import { HiveError } from "../base/hive-error.ts";
import { parseCertificate } from "../base/parse-certificate.ts";

/**
 * The certificates to trust besides those that are always: of a file that the user names.
 * @param pem One certificate or more.
 * @throws HiveError "usage" when there is none in it.
 */
export function trustedCertificates(pem: string | undefined): readonly string[] | undefined {
  if (pem === undefined) return undefined;
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0 || blocks.some((block) => parseCertificate(block) === undefined)) {
    throw new HiveError("usage", "Cannot use the certificate authority: it is no certificate", {
      hint: "It must be in PEM form, with -----BEGIN CERTIFICATE-----.",
    });
  }
  // A list of one's own takes the place of the default one, which a redirect to public storage needs.
  return [...getCACertificates("default"), ...blocks];
}
