import { HiveError } from "../../base/hive-error.ts";
import { mapLimited } from "../../base/map-limited.ts";
import type { CredentialLookup } from "../../credentials/credential-lookup.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import { openRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { Project } from "../../project/project.ts";
import type { Finding, Probe, World } from "../probe.ts";

/** Milliseconds for one registry to answer. */
const answer = 8000;
const atOnce = 8;

/** Whether the registries of hive.yml answer, and let us in. */
export const registriesProbe: Probe = {
  name: "registries",
  limit: 60_000,
  needs: "project",
  async run({ project }, world, signal) {
    const addresses = addressesOf(project);
    if (addresses.size === 0) return [{ status: "skipped", detail: "hive.yml names none" }];
    const credentials = homeCredentials(world.env, { timeout: answer, signal });
    return await mapLimited([...addresses], atOnce, async ([address, names]) => {
      const name = `registry ${names.join(", ")}`;
      try {
        return { name, ...(await ping(address, { world, credentials, signal })) };
      } catch (error) {
        if (!(error instanceof HiveError)) throw error;
        return { name, status: "fail", detail: error.message, fix: fixOf(error, address) };
      }
    });
  },
};

/** The names of hive.yml by addresses without their paths: one registry is asked once. */
function addressesOf({ registries, registry }: Project): Map<string, string[]> {
  const all = [...registries].map(([name, { address }]) => ({ name, address }));
  if (registry.address !== undefined) all.push({ name: "of CI", address: registry.address });
  const grouped = Map.groupBy(
    all,
    ({ address }) => /^(?:https?:\/\/)?[^/]*/i.exec(address)?.[0] ?? "",
  );
  return new Map([...grouped].map(([address, same]) => [address, same.map(({ name }) => name)]));
}

type PingOptions = {
  readonly world: World;
  readonly credentials: CredentialLookup;
  readonly signal: AbortSignal;
};

async function ping(
  address: string,
  { world, credentials, signal }: PingOptions,
): Promise<Finding> {
  const { host } = parseRegistryAddress(address);
  const credential = await credentials(host);
  const certificateAuthority = await world.authorityOf(address);
  const limits = { attempts: 1, answer };
  await openRegistry({ address, credential, certificateAuthority, limits, signal }).ping();
  const how = credential === undefined ? "without credentials" : "with the stored credentials";
  return { status: "ok", detail: `${host} answers ${how}` };
}

function fixOf({ kind, hint }: HiveError, address: string): string | undefined {
  const host = address.replace(/^https?:\/\//i, "");
  if (kind === "unauthorized") return hint ?? `Run hive login ${host}`;
  // Commands that are about one registry have a flag for it; here it has to be known for good.
  if (hint?.includes("--ca-cert") !== true) return hint;
  return `Has it a certificate of an authority of your own? Then run hive registry trust --registry ${host} --ca-cert FILE`;
}
