import { join } from "node:path";
import { run } from "./run.ts";

/** A certificate that {@link issueCertificates} makes. */
export type CertificateRequest = {
  readonly usage: "serverAuth" | "clientAuth";
  /** As OpenSSL writes them: `IP:127.0.0.1,DNS:builder.example`. */
  readonly names?: string;
  /** Was good until yesterday. */
  readonly expired?: boolean;
};

/**
 * An authority of the test's own and what it signs, made by openssl: `<directory>/ca.pem`, and for each name
 * `<name>.pem` with `<name>.key`.
 */
export async function issueCertificates(
  directory: string,
  requests: Readonly<Record<string, CertificateRequest>>,
): Promise<void> {
  const at = (name: string): string => join(directory, name);
  await newKey(at("ca.key"));
  await openssl([
    "req",
    "-x509",
    "-new",
    "-key",
    at("ca.key"),
    "-subj",
    "/CN=test authority",
    "-days",
    "2",
    "-out",
    at("ca.pem"),
  ]);
  await Bun.write(at("ca.cnf"), authority(directory));
  await Bun.write(at("index.txt"), "");
  await Bun.write(at("serial"), "01\n");
  for (const [name, { usage, names, expired = false }] of Object.entries(requests)) {
    await newKey(at(`${name}.key`));
    await openssl([
      "req",
      "-new",
      "-key",
      at(`${name}.key`),
      "-subj",
      `/CN=${name}`,
      "-out",
      at(`${name}.csr`),
    ]);
    const extensions = [
      `extendedKeyUsage=${usage}`,
      ...(names === undefined ? [] : [`subjectAltName=${names}`]),
    ];
    await Bun.write(at(`${name}.ext`), `${extensions.join("\n")}\n`);
    const signed = ["-in", at(`${name}.csr`), "-out", at(`${name}.pem`)];
    const time = ["-startdate", dateFromNow(-2), "-enddate", dateFromNow(expired ? -1 : 2)];
    const rules = ["-config", at("ca.cnf"), "-extfile", at(`${name}.ext`)];
    await openssl(["ca", "-batch", "-notext", ...rules, ...time, ...signed]);
  }
}

async function newKey(path: string): Promise<void> {
  await openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path]);
}

function authority(directory: string): string {
  return `[ca]
default_ca = own
[own]
dir = ${directory}
new_certs_dir = ${directory}
database = ${directory}/index.txt
serial = ${directory}/serial
certificate = ${directory}/ca.pem
private_key = ${directory}/ca.key
default_md = sha256
unique_subject = no
policy = any
[any]
commonName = supplied
`;
}

/** `YYYYMMDDHHMMSSZ` */
function dateFromNow(days: number): string {
  const date = new Date(Date.now() + days * 86_400_000);
  return `${date.toISOString().replace(/[-:T]|\..*$/g, "")}Z`;
}

async function openssl(args: readonly string[]): Promise<void> {
  await run(["openssl", ...args]);
}
