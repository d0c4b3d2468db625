import { HiveError } from "../base/hive-error.ts";
import type { Digest } from "../oci/digest.ts";
import { parseReference } from "../oci/reference.ts";
import type { RemoteRegistry } from "../remote/open-registry.ts";

/**
 * A client for the registry at `host[:port]`, always the same one for a host, unless there are credentials of its own for the
 * part of it that the repository is in.
 */
export type RegistryOpener = (host: string, repository?: string) => Promise<RemoteRegistry>;

/**
 * What an image's reference stands for at its registry: the digest of the index, where it has several platforms.
 * @throws HiveError "usage" for what is no reference, "failed" when there is no such image, and as RemoteRegistry.
 */
export async function resolveBase(reference: string, open: RegistryOpener): Promise<Digest> {
  const { host, repository, tag } = locationOf(reference);
  const registry = await open(host, repository);
  const found = await registry.headManifest(repository, tag);
  if (found !== undefined) return found.digest;
  throw new HiveError("failed", `There is no ${reference} at ${host}`, {
    hint: "See whether its name and tag are right.",
  });
}

type Location = { readonly host: string; readonly repository: string; readonly tag: string };

/** Fills in what a reference leaves out, as Docker does. */
function locationOf(reference: string): Location {
  try {
    const { registry = hub, repository, tag = "latest", digest } = parseReference(reference);
    const isHub = registry === hub || registry === `index.${hub}`;
    return {
      host: isHub ? hub : registry,
      repository: isHub && !repository.includes("/") ? `library/${repository}` : repository,
      tag: digest ?? tag,
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HiveError("usage", error.message, { cause: error });
  }
}

const hub = "docker.io";
