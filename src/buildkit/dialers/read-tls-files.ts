import { createPrivateKey } from "node:crypto";
import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { certificateBlocks } from "../../base/certificate-blocks.ts";
import type { Environment } from "../../base/environment.ts";
import { HiveError } from "../../base/hive-error.ts";
import { parseCertificate } from "../../base/parse-certificate.ts";
import { isMissingFile, systemErrorCode } from "../../base/system-error.ts";
import type { TlsFiles } from "../endpoints/endpoint.ts";

/** What TLS is made with, as texts. */
export type TlsMaterial = {
  /** Certificates, PEM, one each. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
  /** When the certificate of our own is over. */
  readonly validTo?: Date;
};

/** As buildctl's `--tlsdir` has them: OpenSSL's usual names, or those of a Kubernetes secret. */
const names = {
  ca: ["ca.pem", "ca.crt"],
  cert: ["cert.pem", "tls.crt"],
  key: ["key.pem", "tls.key"],
} as const;

/**
 * Reads the files and sees whether they are what they are named for: what the TLS library says of them names no file.
 * @throws HiveError "usage"
 */
export async function readTlsFiles(files: TlsFiles, env: Environment): Promise<TlsMaterial> {
  const paths =
    files.directory === undefined ? files : await inDirectory(atHome(files.directory, env));
  const [ca, cert, key] = [paths.ca, paths.cert, paths.key].map((path) =>
    path === undefined ? undefined : atHome(path, env),
  );
  const [authorities, own] = await Promise.all([
    ca === undefined ? undefined : readCertificates(ca),
    cert === undefined || key === undefined ? undefined : readPair(cert, key),
  ]);
  return { ...(authorities === undefined ? {} : { ca: authorities }), ...own };
}

async function inDirectory(
  directory: string,
): Promise<{ ca?: string; cert?: string; key?: string }> {
  const [ca, cert, key] = await Promise.all(
    [names.ca, names.cert, names.key].map(async (candidates) => {
      for (const name of candidates) {
        const path = join(directory, name);
        try {
          await access(path);
          return path;
        } catch (error) {
          // What is there and can't be read is found out, with its reason, by who reads it.
          if (!isMissingFile(error)) return path;
        }
      }
      return undefined;
    }),
  );
  if ((ca === undefined && cert === undefined) || (cert === undefined) !== (key === undefined)) {
    const lacking =
      ca === undefined && cert === undefined ? names.ca : ((cert && names.key) ?? names.cert);
    throw new HiveError("usage", `Cannot use "${directory}" for TLS: it has no ${lacking[0]}`, {
      hint: "tls= names a directory with ca.pem (or ca.crt), and cert.pem (tls.crt) with key.pem (tls.key).",
    });
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** A path as people write it: the shell does not see the `~` in an address. */
function atHome(path: string, env: Environment): string {
  const home = env["HOME"];
  return path.startsWith("~/") && home !== undefined && home !== ""
    ? join(home, path.slice(2))
    : path;
}

async function readCertificates(path: string): Promise<string[]> {
  const text = await readPem(path);
  const blocks = certificateBlocks(text);
  if (blocks.length === 0 || blocks.some((block) => parseCertificate(block) === undefined)) {
    throw unusable(path, "it is no certificate");
  }
  return blocks;
}

async function readPair(
  certPath: string,
  keyPath: string,
): Promise<{ cert: string; key: string; validTo: Date }> {
  const [cert, key] = await Promise.all([readPem(certPath), readPem(keyPath)]);
  const certificate = parseCertificate(cert);
  if (certificate === undefined) throw unusable(certPath, "it is no certificate");
  if (key.includes("ENCRYPTED")) throw unusable(keyPath, "the key is encrypted");
  let isOfKey: boolean;
  try {
    isOfKey = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw unusable(keyPath, "it is no private key", error);
  }
  if (!isOfKey) throw unusable(keyPath, `it is not the key of "${certPath}"`);
  return { cert, key, validTo: new Date(certificate.validTo) };
}

/** Bytes; all authorities of a system have a quarter of that. */
const longestFile = 1024 * 1024;

async function readPem(path: string): Promise<string> {
  try {
    // A pipe is waited for, and a device has no end.
    const found = await stat(path);
    if (!found.isFile() || found.size > longestFile) throw unusable(path, "it is no PEM file");
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof HiveError) throw error;
    throw new HiveError("usage", `Cannot read "${path}": ${systemErrorCode(error) ?? "unknown"}`, {
      hint: "BuildKit's address names it, by tls, ca, cert or key.",
      cause: error,
    });
  }
}

function unusable(path: string, reason: string, cause?: unknown): HiveError {
  return new HiveError("usage", `Cannot use "${path}" for TLS: ${reason}`, {
    hint: "BuildKit's address names files in PEM form: authorities by ca, a certificate of your own by cert, its key, without a password, by key.",
    cause,
  });
}
