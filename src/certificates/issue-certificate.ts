import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  namedBits,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "./der.ts";
import { addressBytes, type SubjectName } from "./subject-name.ts";

/** A certificate and its private key, both PEM. */
export type IssuedCertificate = { readonly certificate: string; readonly key: string };

type Validity = { readonly notBefore: Date; readonly notAfter: Date };

type Authority = { readonly commonName: string; readonly key: KeyObject };

const oid = {
  commonName: objectIdentifier("2.5.4.3"),
  ecdsaWithSha256: objectIdentifier("1.2.840.10045.4.3.2"),
  subjectKeyIdentifier: objectIdentifier("2.5.29.14"),
  keyUsage: objectIdentifier("2.5.29.15"),
  subjectAltName: objectIdentifier("2.5.29.17"),
  basicConstraints: objectIdentifier("2.5.29.19"),
  authorityKeyIdentifier: objectIdentifier("2.5.29.35"),
  extendedKeyUsage: objectIdentifier("2.5.29.37"),
  serverAuth: objectIdentifier("1.3.6.1.5.5.7.3.1"),
};

const keyUsage = { digitalSignature: 0, keyCertSign: 5, crlSign: 6 };

/** A certificate authority that may sign servers but no further authorities, on a new P-256 key. */
export function issueAuthority(commonName: string, validity: Validity): IssuedCertificate {
  const { privateKey } = newKey();
  return issue(privateKey, commonName, { commonName, key: privateKey }, validity, [
    extension(oid.basicConstraints, "critical", sequence(boolean(true), integer(Buffer.of(0)))),
    extension(oid.keyUsage, "critical", namedBits(keyUsage.keyCertSign, keyUsage.crlSign)),
  ]);
}

/** A server's certificate for `names`, on a new P-256 key. */
export function issueServer(
  names: readonly SubjectName[],
  authority: Authority,
  validity: Validity,
): IssuedCertificate {
  const { privateKey } = newKey();
  return issue(privateKey, "hive registry", authority, validity, [
    extension(oid.basicConstraints, "critical", sequence()),
    extension(oid.keyUsage, "critical", namedBits(keyUsage.digitalSignature)),
    extension(oid.extendedKeyUsage, "optional", sequence(oid.serverAuth)),
    extension(oid.subjectAltName, "optional", sequence(...names.map(generalName))),
  ]);
}

/** {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1} */
function issue(
  key: KeyObject,
  commonName: string,
  authority: Authority,
  { notBefore, notAfter }: Validity,
  extensions: readonly Uint8Array[],
): IssuedCertificate {
  const algorithm = sequence(oid.ecdsaWithSha256);
  const content = sequence(
    // Version 3.
    explicit(0, integer(Buffer.of(2))),
    integer(randomBytes(16)),
    algorithm,
    nameOf(authority.commonName),
    sequence(time(notBefore), time(notAfter)),
    nameOf(commonName),
    publicKeyInfo(key),
    explicit(
      3,
      sequence(
        ...extensions,
        extension(oid.subjectKeyIdentifier, "optional", octetString(keyIdentifier(key))),
        extension(
          oid.authorityKeyIdentifier,
          "optional",
          sequence(implicit(0, keyIdentifier(authority.key))),
        ),
      ),
    ),
  );
  // For a key on a curve, node's signatures are DER as X.509 wants them.
  const signature = sign("sha256", content, authority.key);
  return {
    certificate: pem("CERTIFICATE", sequence(content, algorithm, bitString(signature))),
    key: key.export({ type: "pkcs8", format: "pem" }),
  };
}

function newKey(): { privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function nameOf(commonName: string): Uint8Array {
  return sequence(set(sequence(oid.commonName, utf8String(commonName))));
}

function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

/** {@link https://www.rfc-editor.org/rfc/rfc7093#section-2} method 4, cut to the usual 20 bytes. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash("sha256").update(publicKeyInfo(key)).digest().subarray(0, 20);
}

function extension(
  identifier: Uint8Array,
  importance: "critical" | "optional",
  value: Uint8Array,
): Uint8Array {
  const critical = importance === "critical" ? [boolean(true)] : [];
  return sequence(identifier, ...critical, octetString(value));
}

/** {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.6} */
function generalName(name: SubjectName): Uint8Array {
  return name.kind === "dns"
    ? implicit(2, Buffer.from(name.value))
    : implicit(7, addressBytes(name.value));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
