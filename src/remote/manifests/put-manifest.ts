import { HiveError } from "../../base/hive-error.ts";
import { digestAlgorithm, digestOf, isDigest } from "../../oci/digest.ts";
import { type Manifest, parseManifest } from "../../oci/manifest.ts";
import type { HttpAnswer } from "../exchange.ts";
import { listReferrer, referrerDescriptor } from "./list-referrer.ts";
import { manifestPath } from "../manifests.ts";
import { type RemoteClient, repositoryScope } from "../remote-client.ts";
import { writtenReference } from "../written-reference.ts";

type Content = { readonly mediaType: string; readonly bytes: Uint8Array };

/**
 * Writes a manifest or index under a tag, whatever stood there, or under its digest. What it lists has to be in the
 * repository. The same bytes may be sent any number of times. Where it refers to a subject and the registry takes no note
 * of it, it is listed under the tag for that.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests}
 * @throws HiveError "failed" also when the registry says that it stored something else.
 */
export async function putManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
  content: Content,
): Promise<void> {
  const { headers } = await storeManifest(client, repository, reference, content);
  const manifest = manifestIn(content);
  const subject = manifest?.subject?.digest;
  if (manifest === undefined || subject === undefined || headers.has("oci-subject")) return;
  const digest = isDigest(reference) ? reference : digestOf(content.bytes);
  const referrer = referrerDescriptor(manifest, digest, content.bytes.byteLength);
  await listReferrer(client, repository, subject, referrer, storeManifest);
}

/** Writes a manifest, and nothing else. @throws HiveError as `putManifest` */
export async function storeManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
  content: Content,
): Promise<HttpAnswer> {
  const { mediaType } = content;
  const bytes = new Uint8Array(content.bytes);
  const answer = await client.call({
    method: "PUT",
    path: manifestPath(repository, reference),
    scope: repositoryScope(repository, "pull,push"),
    action: `write ${writtenReference(repository, reference)}`,
    content: { mediaType, bytes },
    limit: client.endpoint.limits.manifestSize,
    expected: [200, 201, 202],
  });
  const stored = answer.headers.get("docker-content-digest");
  const digest = digestOf(bytes, isDigest(reference) ? digestAlgorithm(reference) : "sha256");
  if (stored === null || stored === digest) return answer;
  throw new HiveError(
    "failed",
    `${client.endpoint.address.host} stored ${stored} as ${writtenReference(repository, reference)}, not ${digest}`,
    { hint: "It changed the manifest, or the tag was written by somebody else: try again." },
  );
}

/** Undefined for what has no subject, and for what we cannot read; that it was taken is enough. */
function manifestIn({ bytes, mediaType }: Content): Manifest | undefined {
  // Most have none, and were read before.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"subject"'))
    return undefined;
  try {
    return parseManifest(bytes, mediaType);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
