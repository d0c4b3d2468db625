import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { certificateBlocks } from "../base/certificate-blocks.ts";
import { HiveError } from "../base/hive-error.ts";
import { unreadableFile } from "../base/unreadable-file.ts";

/** A certificate of one's own, for a TLS server. Texts are PEM. */
export type OwnCertificates = {
  /** The server's certificate first, then those between it and the authority. */
  readonly certificate: string;
  readonly key: string;
  readonly notAfter: Date;
  /** Sentences for the person who runs the server. */
  readonly warnings: readonly string[];
};

const soon = 14 * 24 * 3600 * 1000;

/**
 * Reads a certificate, the server's own first, and its private key, and checks that a server can work with them.
 * @throws HiveError "usage" when they can't be read, do not belong together, or are not valid at `now`.
 */
export async function readCertificates(
  certificateFile: string,
  keyFile: string,
  now = new Date(),
): Promise<OwnCertificates> {
  const certificate = await readExisting(certificateFile, "certificate");
  const key = await readExisting(keyFile, "private key");
  const [server, ...others] = parseChain(certificate, certificateFile);
  const privateKey = parseKey(key, keyFile);
  if (server === undefined) throw unusable(certificateFile, "it holds no certificate in PEM");
  if (!server.checkPrivateKey(privateKey)) {
    const hint = others.some((other) => other.checkPrivateKey(privateKey))
      ? "Put the server's own certificate first, then those of the authorities."
      : "Give the certificate and the key that were made together.";
    throw unusable(certificateFile, `it does not belong to the key "${keyFile}"`, hint);
  }
  const { validFromDate: from, validToDate: notAfter } = server;
  if (from > now) throw unusable(certificateFile, `it is valid from ${from.toISOString()} only`);
  if (notAfter <= now) {
    throw unusable(certificateFile, `it ended ${notAfter.toISOString()}`, "Renew it.");
  }
  return { certificate, key, notAfter, warnings: await warningsOf(keyFile, notAfter, now) };
}

async function readExisting(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw unreadableFile(path, error, { kind: "usage", what });
  }
}

function parseChain(text: string, path: string): X509Certificate[] {
  try {
    return certificateBlocks(text).map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw unusable(path, "it is damaged", undefined, cause);
  }
}

function parseKey(text: string, path: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    throw unusable(
      path,
      "it is protected by a passphrase, which nobody is there to type",
      `Write it without one: openssl pkey -in ${path} -out server.key`,
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    // Not the library's error: it is about a secret.
    throw unusable(path, "it holds no private key in PEM");
  }
}

async function warningsOf(keyFile: string, notAfter: Date, now: Date): Promise<string[]> {
  const warnings: string[] = [];
  if (((await stat(keyFile)).mode & 0o077) !== 0) {
    warnings.push(`Others can read the private key "${keyFile}": run chmod 600 on it`);
  }
  if (notAfter.getTime() - now.getTime() < soon) {
    warnings.push(`The certificate ends ${notAfter.toISOString()}: renew it`);
  }
  return warnings;
}

function unusable(path: string, reason: string, hint?: string, cause?: unknown): HiveError {
  return new HiveError("usage", `Cannot use "${path}": ${reason}`, { hint, cause });
}
