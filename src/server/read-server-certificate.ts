import { openCertificates } from "../certificates/open-certificates.ts";
import { readCertificates } from "../certificates/read-certificates.ts";
import type { TlsSettings } from "./server-settings.ts";

/** What a server shows to its clients. Texts are PEM. */
export type ServerCertificate = {
  readonly certificate: string;
  readonly key: string;
  /** The file of the authority that clients have to trust; undefined for a certificate of one's own. */
  readonly authorityFile: string | undefined;
  /** Sentences for the person who runs the server. */
  readonly warnings: readonly string[];
};

/**
 * The certificate as it is now; one of our own authority is made or renewed where that is due. Undefined without TLS.
 * @throws HiveError when files are missing or can't be used.
 */
export async function readServerCertificate(
  tls: TlsSettings,
  names: readonly string[],
): Promise<ServerCertificate | undefined> {
  switch (tls.kind) {
    case "none":
      return undefined;
    case "authority":
      return await openCertificates({ directory: tls.directory, names });
    case "files":
      return { ...(await readCertificates(tls.certificate, tls.key)), authorityFile: undefined };
  }
}
