import { HiveError } from "../../base/hive-error.ts";
import { isRecord } from "../../base/is-record.ts";
import { mapLimited } from "../../base/map-limited.ts";
import { type Descriptor, parseDescriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import type { HttpAnswer } from "../exchange.ts";
import { findManifest } from "../manifests.ts";
import { jsonOf } from "../json-of.ts";
import { referrerDescriptor } from "./list-referrer.ts";
import { pages } from "../pages.ts";
import { referrersTag } from "./referrers-tag.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";

/** Manifests read at a time. */
const parallel = 8;

/** Repositories whose registry can't be asked, by client: it is asked for many manifests, and the answer stays the same. */
const unlisted = new WeakMap<RemoteClient, Set<string>>();

/**
 * What refers to a manifest: signatures, SBOMs. Registries that can't be asked have the list under a tag. Where a list has
 * no type for an artifact, or that of its empty config, as old releases of zot do, the artifact itself is asked.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 */
export async function referrers(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<readonly Descriptor[]> {
  const repositories = unlisted.get(client) ?? new Set();
  unlisted.set(client, repositories);
  if (repositories.has(repository)) return await referrersByTag(client, repository, digest);
  const list = {
    path: repositoryPath(repository, `referrers/${digest}`),
    scope: repositoryScope(repository, "pull"),
    action: `list what refers to ${digest}`,
    accept: mediaTypes.ociIndex,
    expected: [200, 404, 405],
  };
  const found: Descriptor[] = [];
  for await (const page of pages(client, list)) {
    if (page.status !== 200) {
      repositories.add(repository);
      return await referrersByTag(client, repository, digest);
    }
    found.push(...descriptorsIn(page));
  }
  return await mapLimited(found, parallel, (one) => withType(client, repository, one));
}

async function withType(
  client: RemoteClient,
  repository: string,
  one: Descriptor,
): Promise<Descriptor> {
  if (one.artifactType !== undefined && one.artifactType !== mediaTypes.ociEmpty) return one;
  try {
    const { manifest } = (await findManifest(client, repository, one.digest)) ?? {};
    return manifest === undefined ? one : referrerDescriptor(manifest, one.digest, one.size);
  } catch (error) {
    // A damaged one hides no other.
    if (error instanceof HiveError && error.kind === "failed") return one;
    throw error;
  }
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema} */
async function referrersByTag(
  client: RemoteClient,
  repository: string,
  digest: Digest,
): Promise<readonly Descriptor[]> {
  const manifest = (await findManifest(client, repository, referrersTag(digest)))?.manifest;
  return manifest?.kind === "index" ? manifest.manifests : [];
}

function descriptorsIn(answer: HttpAnswer): Descriptor[] {
  const document = jsonOf(answer.bytes);
  const list = isRecord(document) ? (document["manifests"] ?? []) : undefined;
  try {
    if (!Array.isArray(list)) throw new SyntaxError("it is no index");
    return list.map((value, index) => parseDescriptor(value, `manifests[${index}]`));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HiveError(
      "failed",
      `Cannot read the list of referrers of ${answer.url.host}: ${error.message}`,
      { cause: error },
    );
  }
}
