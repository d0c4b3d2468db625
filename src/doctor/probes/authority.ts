import type { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { parseCertificate } from "../../base/parse-certificate.ts";
import { readOptionalText } from "../../base/read-optional-text.ts";
import { readServerState } from "../../server/server-state.ts";
import type { Finding, Probe, World } from "../probe.ts";

/** Milliseconds before its end at which an authority is spoken of: every client has to trust the next one. */
const soon = 90 * 24 * 3_600_000;

/** Whether the authority of this machine's own registry, where it has one, is valid and trusted here. */
export const authorityProbe: Probe = {
  name: "authority",
  limit: 5000,
  needs: "nothing",
  async run(_, world) {
    const { storage } = world;
    if (storage === undefined) return [{ status: "skipped", detail: "there is no home directory" }];
    const file = join(storage, "certificates", "ca.crt");
    const text = await readOptionalText(file);
    if (text === undefined) {
      return [{ status: "skipped", detail: "the registry of this machine has none of its own" }];
    }
    const certificate = parseCertificate(text);
    if (certificate === undefined) {
      const fix = "Bring it back from a backup, or remove the directory to have a new one made.";
      return [{ status: "fail", detail: `${file} is damaged`, fix }];
    }
    return [validity(certificate, storage), await trust(certificate, storage, world)];
  },
};

function validity({ validToDate }: X509Certificate, storage: string): Finding {
  const left = validToDate.getTime() - Date.now();
  const day = validToDate.toISOString().slice(0, 10);
  if (left > soon) return { status: "ok", detail: `valid until ${day}` };
  const fix = `Remove "${join(storage, "certificates")}" to have a new one made, then run hive registry trust on every client.`;
  if (left > 0) return { status: "warn", detail: `it ends on ${day}`, fix };
  return { status: "fail", detail: `it ended on ${day}`, fix };
}

async function trust(
  authority: X509Certificate,
  storage: string,
  { findAuthority }: World,
): Promise<Finding> {
  const state = await readServerState(storage);
  const stored = state === undefined ? undefined : await findAuthority(state.address);
  const trusted = [...getCACertificates("system"), ...(stored === undefined ? [] : [stored])];
  if (trusted.some((text) => parseCertificate(text)?.fingerprint256 === authority.fingerprint256)) {
    return { status: "ok", detail: "trusted on this machine" };
  }
  return {
    status: "warn",
    detail: "neither this system nor docker or podman trust it",
    fix: "hive registry trust",
  };
}
