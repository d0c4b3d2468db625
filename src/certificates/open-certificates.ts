import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { acquireFileLock } from "../oci/file-lock.ts";
import { type IssuedCertificate, issueAuthority, issueServer } from "./issue-certificate.ts";
import { addressBytes, parseSubjectName, type SubjectName } from "./subject-name.ts";

/** What a TLS server needs, and what its clients have to trust. All texts are PEM. */
export type Certificates = {
  readonly certificate: string;
  readonly key: string;
  /** The authority's certificate. */
  readonly authority: string;
  /** Where the authority's certificate stands. */
  readonly authorityFile: string;
  /** When the server's certificate ends. */
  readonly notAfter: Date;
  /** Whether the server's certificate was made just now. */
  readonly renewed: boolean;
  /** Sentences for the person who runs the server. */
  readonly warnings: readonly string[];
};

type CertificatesOptions = {
  /** Made when it is not there, for nobody but its owner. */
  readonly directory: string;
  /** Host names and IP addresses besides the machine's own. */
  readonly names?: readonly string[];
  readonly now?: Date;
};

type Authority = {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly text: string;
  readonly commonName: string;
};

const day = 24 * 3600 * 1000;
const authorityLifetime = 3650 * day;
const serverLifetime = 365 * day;
const renewal = 30 * day;
/** Clocks of clients may be behind ours. */
const skew = 3600 * 1000;

/**
 * The certificates of a registry that is its own authority: made at the first use, then kept. The server's certificate is
 * made anew when it ends within a month, lacks a name, or does not fit the authority.
 * @throws HiveError when a name is none, or the authority's files are damaged or outdated.
 */
export async function openCertificates(options: CertificatesOptions): Promise<Certificates> {
  const { directory, now = new Date() } = options;
  const names = [...ownNames(), ...(options.names ?? [])].map(parseSubjectName);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // It may have been there before, for others to read.
  await chmod(directory, 0o700);
  using _lock = await acquireFileLock(join(directory, "lock"));
  const authority = await openAuthority(directory, now);
  const found = await readServer(directory);
  const keep = found !== undefined && isUsable(found, authority, names, now);
  const server = keep ? found : await renewServer(directory, authority, names, now);
  return {
    ...server,
    authority: authority.text,
    authorityFile: join(directory, "ca.crt"),
    notAfter: new X509Certificate(server.certificate).validToDate,
    renewed: !keep,
    warnings: authorityWarnings(authority, now),
  };
}

function ownNames(): string[] {
  const own = hostname();
  return ["localhost", "127.0.0.1", "::1", ...(isSubjectName(own) ? [own] : [])];
}

function isSubjectName(text: string): boolean {
  try {
    parseSubjectName(text);
    return true;
  } catch {
    return false;
  }
}

async function openAuthority(directory: string, now: Date): Promise<Authority> {
  const path = join(directory, "ca.crt");
  const text = await readOptionalText(path);
  if (text === undefined) return await makeAuthority(directory, now);
  const authority = readAuthority(text, (await readOptionalText(join(directory, "ca.key"))) ?? "");
  if (authority === undefined) {
    throw new HiveError("failed", `Cannot use "${path}": it, or its key, is damaged or missing`, {
      hint: `Bring both files back, or delete "${directory}" to make a new authority, which every client has to trust anew.`,
    });
  }
  if (authority.certificate.validToDate <= now) {
    throw new HiveError("failed", `Cannot use "${path}": the authority ended ${dayOf(authority)}`, {
      hint: `Delete "${directory}" to make a new authority, then run "hive registry trust" on every client.`,
    });
  }
  return authority;
}

async function makeAuthority(directory: string, now: Date): Promise<Authority> {
  const issued = issueAuthority(
    `hive registry CA on ${hostname()}`.slice(0, 64),
    validity(now, new Date(now.getTime() + authorityLifetime)),
  );
  await store(directory, "ca", issued);
  const authority = readAuthority(issued.certificate, issued.key);
  if (authority === undefined) throw new Error("Internal error: made an unreadable authority");
  return authority;
}

/** Undefined when they can't be read, or don't belong together. */
function readAuthority(text: string, keyText: string): Authority | undefined {
  try {
    const certificate = new X509Certificate(text);
    const key = createPrivateKey(keyText);
    const [, commonName] = /^CN=(.*)$/.exec(certificate.subject) ?? [];
    if (commonName === undefined || !certificate.ca || !certificate.checkPrivateKey(key)) {
      return undefined;
    }
    return { certificate, key, text, commonName };
  } catch {
    return undefined;
  }
}

async function readServer(directory: string): Promise<IssuedCertificate | undefined> {
  const certificate = await readOptionalText(join(directory, "server.crt"));
  const key = await readOptionalText(join(directory, "server.key"));
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}

function isUsable(
  server: IssuedCertificate,
  authority: Authority,
  names: readonly SubjectName[],
  now: Date,
): boolean {
  try {
    const certificate = new X509Certificate(server.certificate);
    // After that many days the authority itself is at its end, and a new certificate would be no better.
    const end = Math.min(now.getTime() + renewal, authority.certificate.validToDate.getTime());
    return (
      certificate.checkPrivateKey(createPrivateKey(server.key)) &&
      certificate.checkIssued(authority.certificate) &&
      certificate.verify(authority.certificate.publicKey) &&
      certificate.validFromDate <= now &&
      certificate.validToDate.getTime() >= end &&
      hasNames(certificate, names)
    );
  } catch {
    return false;
  }
}

function hasNames(certificate: X509Certificate, names: readonly SubjectName[]): boolean {
  const present = new Set(
    (certificate.subjectAltName ?? "").split(", ").map((entry) => {
      const [kind = "", ...value] = entry.split(":");
      return kind === "DNS" ? entry : addressKey(value.join(":"));
    }),
  );
  return names.every(({ kind, value }) =>
    present.has(kind === "dns" ? `DNS:${value}` : addressKey(value)),
  );
}

/** One text for the many ways to write an IPv6 address. */
function addressKey(address: string): string {
  return addressBytes(address).join(".");
}

async function renewServer(
  directory: string,
  authority: Authority,
  names: readonly SubjectName[],
  now: Date,
): Promise<IssuedCertificate> {
  // Nothing it signs is valid for longer than the authority.
  const end = Math.min(now.getTime() + serverLifetime, authority.certificate.validToDate.getTime());
  const issued = issueServer(names, authority, validity(now, new Date(end)));
  await store(directory, "server", issued);
  return issued;
}

/** The key first: a certificate without its key, after a power cut, would have to be told from a damaged one. */
async function store(
  directory: string,
  name: "ca" | "server",
  { certificate, key }: IssuedCertificate,
): Promise<void> {
  await writeFileAtomically(join(directory, `${name}.key`), key, { mode: 0o600 });
  await writeFileAtomically(join(directory, `${name}.crt`), certificate);
}

function validity(now: Date, notAfter: Date): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - skew), notAfter };
}

function authorityWarnings(authority: Authority, now: Date): string[] {
  const left = authority.certificate.validToDate.getTime() - now.getTime();
  if (left > 3 * renewal) return [];
  return [
    `The registry's authority ends ${dayOf(authority)}: delete its files before that to make a new one, and run "hive registry trust" on every client`,
  ];
}

function dayOf({ certificate }: Authority): string {
  return `on ${certificate.validToDate.toISOString().slice(0, 10)}`;
}
