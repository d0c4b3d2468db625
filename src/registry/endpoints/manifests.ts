import { readBlob, storeBlob } from "../../oci/blob-store.ts";
import { type Digest, digestAlgorithm, digestOf } from "../../oci/digest.ts";
import { isNonDistributable } from "../../oci/media-types.ts";
import { type Manifest, manifestContent, parseManifest } from "../../oci/manifest.ts";
import { isTag } from "../../oci/reference.ts";
import { artifactTypeOf, manifestRecord } from "../store/manifest-record.ts";
import type { ManifestRecord } from "../store/metadata-store.ts";
import { receiveSmallBody } from "../receive-body.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError, type RegistryErrorItem } from "../registry-error.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import { requireDeletable, requireMovable } from "../tag-rules.ts";
import type { FoundManifest } from "../upstream/mirror-manifests.ts";
import { type ManifestReference, queryOf } from "../route.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";
import { entityTag, lastModified, notModified, requirePreconditions } from "./preconditions.ts";

// A URL holds more, but every one comes back in a header.
const maxTags = 100;

// A media type is not longer; a record keeps it in memory.
const maxArtifactType = 255;

// Of blobs that are missing, so many are named.
const maxMissing = 20;

type ManifestRoute = { readonly repository: string; readonly reference: ManifestReference };

/**
 * GET, HEAD, PUT and DELETE of `/v2/<name>/manifests/<tag or digest>`. The bytes are kept as they came.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests}
 */
export async function handleManifest(
  context: RegistryContext,
  request: Request,
  route: ManifestRoute,
): Promise<Response> {
  switch (request.method) {
    case "HEAD":
    case "GET":
      return await sendManifest(context, request, route);
    case "PUT":
      return await putManifest(context, request, route);
    case "DELETE":
      return await deleteManifest(context, route);
    default:
      throw methodNotAllowed("GET, HEAD, PUT, DELETE");
  }
}

async function sendManifest(
  { store, limits, mirrors }: RegistryContext,
  request: Request,
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  const mirrored = mirrors?.find(repository);
  const found =
    mirrored === undefined
      ? storedManifest(store, { repository, reference })
      : await mirrored.manifest(reference);
  if (found === undefined) throw unknownManifest();
  const { record, warning } = found;
  const pushed = store.metadata.pushedAt(repository, record.digest);
  const known = notModified(request, record.digest, pushed);
  if (known !== undefined) return known;
  const bytes =
    request.method === "HEAD"
      ? null
      : (found.bytes ??
        (await readBlob(store.blobs, record.digest, Math.max(limits.manifestSize, record.size))));
  if (bytes === undefined) throw unknownManifest();
  return new Response(bytes as Uint8Array<ArrayBuffer> | null, {
    headers: {
      "Content-Type": record.mediaType,
      "Content-Length": `${record.size}`,
      "Docker-Content-Digest": record.digest,
      ETag: entityTag(record.digest),
      // {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings}
      ...(warning === undefined ? {} : { Warning: `299 - "${warning}"` }),
      ...(pushed === undefined ? {} : { "Last-Modified": lastModified(pushed) }),
    },
  });
}

function storedManifest(store: RegistryStore, route: ManifestRoute): FoundManifest | undefined {
  const record = findRecord(store, route);
  // HEAD asks for the file as well: what it says exists must be there for the GET that follows.
  if (record === undefined || store.blobs.find(record.digest) === undefined) return undefined;
  return { record };
}

async function putManifest(
  context: RegistryContext,
  request: Request,
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  const { store, limits, memory } = context;
  const tags = tagsOf(request, reference);
  store.requireRoom(repository);
  context.keepOpen();
  using share = memory.open();
  const bytes = await receiveSmallBody(request, limits.manifestSize, limits.uploadStall, share.add);
  const manifest = readManifest(bytes, request.headers.get("content-type"));
  const digest = manifestDigest(bytes, reference);
  checkContent(context, repository, manifest);

  // Its bytes were just checked against the digest: what is there already need not be written, and synced, again.
  if (store.blobs.find(digest) === undefined) await storeBlob(store.blobs, bytes, { digest });
  const record = manifestRecord(manifest, digest, bytes.byteLength);
  // Nothing is awaited between the look at the tag and its change, and the blobs may have been removed meanwhile.
  checkContent(context, repository, manifest);
  requirePreconditions(request, findRecord(store, { repository, reference })?.digest);
  requireMovable(context.tagRules, store.metadata, { repository, tags, digest });
  // The same bytes under another type are another image to clients; a tag that stays has it as it is.
  const before = store.metadata.findManifest(repository, digest)?.mediaType ?? record.mediaType;
  if (before !== record.mediaType) {
    requireDeletable(context.tagRules, store.metadata, repository, { digest });
  }
  await store.metadata.putManifest(repository, record, tags);
  return new Response(null, {
    status: 201,
    headers: {
      Location: `/v2/${repository}/manifests/${digest}`,
      "Docker-Content-Digest": digest,
      ...(manifest.subject === undefined ? {} : { "OCI-Subject": manifest.subject.digest }),
      ...("tag" in reference || tags.length === 0 ? {} : { "OCI-Tag": tags.join(", ") }),
    },
  });
}

/** The tag of the path, or those of the query, which a push by digest may have. */
function tagsOf(request: Request, reference: ManifestReference): readonly string[] {
  if ("tag" in reference) return [reference.tag];
  const tags = new Set(queryOf(request.url).getAll("tag"));
  if (tags.size > maxTags) {
    throw new RegistryError(414, "UNSUPPORTED", `more than ${maxTags} tags in one request`);
  }
  if (![...tags].every(isTag)) throw new RegistryError(400, "MANIFEST_INVALID", "invalid tag");
  return [...tags];
}

function findRecord(
  { metadata }: RegistryStore,
  { repository, reference }: ManifestRoute,
): ManifestRecord | undefined {
  return "tag" in reference
    ? metadata.findTag(repository, reference.tag)
    : metadata.findManifest(repository, reference.digest);
}

function readManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  try {
    const manifest = parseManifest(bytes, mediaType === "" ? undefined : mediaType);
    if ((artifactTypeOf(manifest)?.length ?? 0) > maxArtifactType) {
      throw new SyntaxError(`its artifactType is longer than ${maxArtifactType} characters`);
    }
    return manifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RegistryError(400, "MANIFEST_INVALID", `invalid manifest: ${error.message}`);
  }
}

function manifestDigest(bytes: Uint8Array, reference: ManifestReference): Digest {
  if ("tag" in reference) return digestOf(bytes);
  if (digestOf(bytes, digestAlgorithm(reference.digest)) !== reference.digest) {
    throw new RegistryError(400, "DIGEST_INVALID", "the manifest does not have this digest");
  }
  return reference.digest;
}

/**
 * An image must be whole. An index may lack children: clients copy single platforms, and BuildKit's older cache
 * exports list layers.
 */
function checkContent(context: RegistryContext, repository: string, manifest: Manifest): void {
  if (manifest.kind === "index" || context.incompleteImages === "accept") return;
  const missing: RegistryErrorItem[] = [];
  for (const { digest, mediaType } of manifestContent(manifest)) {
    if (isNonDistributable(mediaType)) continue;
    if (context.store.findBlob(repository, digest) !== undefined) continue;
    const message = `the blob ${digest} is missing`;
    missing.push({ code: "MANIFEST_BLOB_UNKNOWN", message, detail: { digest } });
    if (missing.length === maxMissing) break;
  }
  const [first] = missing;
  if (first !== undefined) throw new RegistryError(400, first.code, first.message, {}, missing);
}

async function deleteManifest(
  { store, tagRules }: RegistryContext,
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  requireDeletable(tagRules, store.metadata, repository, reference);
  const deleted = await ("tag" in reference
    ? store.metadata.deleteTag(repository, reference.tag)
    : store.metadata.deleteManifest(repository, reference.digest));
  if (!deleted) throw unknownManifest();
  return new Response(null, { status: 202 });
}

function unknownManifest(): RegistryError {
  return new RegistryError(404, "MANIFEST_UNKNOWN", "unknown manifest");
}
