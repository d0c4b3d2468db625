import { HiveError } from "../base/hive-error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { type Manifest, parseManifest } from "../oci/manifest.ts";
import { isAnyManifestType, mediaTypes } from "../oci/media-types.ts";
import { isTag } from "../oci/reference.ts";
import { checkDigest } from "./content-digest.ts";
import type { HttpAnswer } from "./exchange.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "./remote-client.ts";
import { writtenReference } from "./written-reference.ts";

/** A manifest as the registry has it. */
export type RemoteManifest = {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
};

/** What a registry tells of a manifest without sending it. */
export type ManifestStatus = {
  readonly descriptor: Descriptor;
  /** Milliseconds since 1970; few registries tell. */
  readonly modified?: number;
};

const accept = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerList,
  mediaTypes.dockerManifest,
].join(", ");

/**
 * Reads a manifest or index and checks its digest.
 * @param reference A tag or a digest.
 * @throws HiveError "failed" when there is none, when it is too big, or not what it should be.
 */
export async function getManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
): Promise<RemoteManifest> {
  const found = await findManifest(client, repository, reference);
  if (found !== undefined) return found;
  const { host } = client.endpoint.address;
  throw new HiveError(
    "failed",
    `There is no ${writtenReference(repository, reference)} on ${host}`,
    {
      hint: `\`hive registry tags ${host}/${repository}\` shows what there is.`,
    },
  );
}

/** As `getManifest`; undefined when there is none. */
export async function findManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
): Promise<RemoteManifest | undefined> {
  const answer = await ask(client, "GET", repository, reference);
  if (answer.status === 404) return undefined;
  const { bytes } = answer;
  const { host } = client.endpoint.address;
  const digest = digestFor(answer, reference) ?? digestOf(bytes);
  checkDigest(bytes, digest, host);
  try {
    const manifest = parseManifest(bytes, labelOf(answer));
    const descriptor = { mediaType: manifest.mediaType, digest, size: bytes.byteLength };
    return { descriptor, bytes, manifest };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const what = writtenReference(repository, reference);
    throw new HiveError("failed", `Cannot read ${what} on ${host}: ${error.message}`, {
      cause: error,
      hint: "It was pushed by a tool of another age, or is damaged: push it again.",
    });
  }
}

/**
 * What a tag or digest stands for, without the content; undefined when there is none.
 * A registry need not tell: then the manifest is read.
 */
export async function headManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
): Promise<Descriptor | undefined> {
  return (await statManifest(client, repository, reference))?.descriptor;
}

/** As `headManifest`, and when it became what it is, where the registry tells. */
export async function statManifest(
  client: RemoteClient,
  repository: string,
  reference: string,
): Promise<ManifestStatus | undefined> {
  const answer = await ask(client, "HEAD", repository, reference);
  if (answer.status === 404) return undefined;
  const digest = digestFor(answer, reference);
  const mediaType = labelOf(answer);
  const length = answer.headers.get("content-length") ?? "";
  if (digest === undefined || mediaType === undefined || !/^\d{1,9}$/.test(length)) {
    const found = await findManifest(client, repository, reference);
    return found === undefined ? undefined : { descriptor: found.descriptor };
  }
  const descriptor = { mediaType, digest, size: Number(length) };
  const modified = Date.parse(answer.headers.get("last-modified") ?? "");
  return Number.isNaN(modified) ? { descriptor } : { descriptor, modified };
}

/**
 * Deletes a tag, the manifest stays; or a manifest, with which its tags go, where the registry keeps to the specification.
 * Whether there was one.
 */
export async function deleteReference(
  client: RemoteClient,
  repository: string,
  reference: string,
): Promise<boolean> {
  const { status } = await client.call({
    method: "DELETE",
    path: manifestPath(repository, reference),
    scope: repositoryScope(repository, "pull,delete"),
    action: `delete ${writtenReference(repository, reference)}`,
    limit: client.endpoint.limits.manifestSize,
    expected: [200, 202, 204, 404],
  });
  return status !== 404;
}

async function ask(
  client: RemoteClient,
  method: "GET" | "HEAD",
  repository: string,
  reference: string,
): Promise<HttpAnswer> {
  return await client.call({
    method,
    path: manifestPath(repository, reference),
    scope: repositoryScope(repository, "pull"),
    action: `read ${writtenReference(repository, reference)}`,
    accept,
    limit: client.endpoint.limits.manifestSize,
    expected: [200, 404],
  });
}

/** @throws HiveError "failed" for what is no tag and no digest. */
export function manifestPath(repository: string, reference: string): string {
  if (isTag(reference) || isDigest(reference)) {
    return repositoryPath(repository, `manifests/${reference}`);
  }
  throw new HiveError("failed", `${JSON.stringify(reference)} is no tag and no digest`);
}

/** The digest that was asked for, or the one that the registry names. */
function digestFor({ headers }: HttpAnswer, reference: string): Digest | undefined {
  if (isDigest(reference)) return reference;
  const named = headers.get("docker-content-digest") ?? "";
  return isDigest(named) ? named : undefined;
}

/** How the answer is labelled; undefined where it says nothing of manifests, as of plain JSON. */
function labelOf({ headers }: HttpAnswer): string | undefined {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  return isAnyManifestType(type) ? type : undefined;
}
