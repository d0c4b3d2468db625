import { readBlob, storeBlob } from "../../oci/blob-store.ts";
import { type Digest, digestAlgorithm, digestOf } from "../../oci/digest.ts";
import { isNonDistributable } from "../../oci/media-types.ts";
import { type Manifest, manifestContent, parseManifest } from "../../oci/manifest.ts";
import { isTag } from "../../oci/reference.ts";
import { manifestRecord } from "../manifest-record.ts";
import { receiveSmallBody } from "../receive-body.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { type ManifestReference, queryOf } from "../route.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";

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
      return await sendManifest(context, request.method, route);
    case "PUT":
      return await putManifest(context, request, route);
    case "DELETE":
      return await deleteManifest(context, route);
    default:
      throw methodNotAllowed("GET, HEAD, PUT, DELETE");
  }
}

async function sendManifest(
  { store, limits }: RegistryContext,
  method: "GET" | "HEAD",
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  const record =
    "tag" in reference
      ? store.metadata.findTag(repository, reference.tag)
      : store.metadata.findManifest(repository, reference.digest);
  // HEAD asks for the file as well: what it says exists must be there for the GET that follows.
  if (record === undefined || store.blobs.find(record.digest) === undefined) {
    throw unknownManifest();
  }
  const bytes =
    method === "HEAD"
      ? null
      : await readBlob(store.blobs, record.digest, Math.max(limits.manifestSize, record.size));
  if (bytes === undefined) throw unknownManifest();
  return new Response(bytes as Uint8Array<ArrayBuffer> | null, {
    headers: {
      "Content-Type": record.mediaType,
      "Content-Length": `${record.size}`,
      "Docker-Content-Digest": record.digest,
      ETag: `"${record.digest}"`,
    },
  });
}

async function putManifest(
  context: RegistryContext,
  request: Request,
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  const { store, limits } = context;
  const tags = tagsOf(request, reference);
  context.keepOpen(request);
  const bytes = await receiveSmallBody(request, limits.manifestSize, limits.uploadStall);
  const manifest = readManifest(bytes, request.headers.get("content-type"));
  const digest = manifestDigest(bytes, reference);
  checkContent(context, repository, manifest);

  // Its bytes were just checked against the digest: what is there already need not be written, and synced, again.
  if (store.blobs.find(digest) === undefined) await storeBlob(store.blobs, bytes, { digest });
  const record = manifestRecord(manifest, digest, bytes.byteLength);
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
  const tags = queryOf(request.url).getAll("tag");
  if (!tags.every(isTag)) throw new RegistryError(400, "MANIFEST_INVALID", "invalid tag");
  return tags;
}

function readManifest(bytes: Uint8Array, contentType: string | null): Manifest {
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  try {
    return parseManifest(bytes, mediaType === "" ? undefined : mediaType);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RegistryError(400, "MANIFEST_INVALID", `invalid manifest: ${error.message}`);
  }
}

function manifestDigest(bytes: Uint8Array, reference: ManifestReference): Digest {
  if ("tag" in reference) return digestOf(bytes);
  const algorithm = digestAlgorithm(reference.digest);
  const hex = new Bun.CryptoHasher(algorithm).update(bytes).digest("hex");
  if (`${algorithm}:${hex}` !== reference.digest) {
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
  const missing = manifestContent(manifest).find(
    ({ digest, mediaType }) =>
      !isNonDistributable(mediaType) && context.store.findBlob(repository, digest) === undefined,
  );
  if (missing !== undefined) {
    throw new RegistryError(400, "MANIFEST_BLOB_UNKNOWN", `the blob ${missing.digest} is missing`);
  }
}

async function deleteManifest(
  { store }: RegistryContext,
  { repository, reference }: ManifestRoute,
): Promise<Response> {
  const deleted = await ("tag" in reference
    ? store.metadata.deleteTag(repository, reference.tag)
    : store.metadata.deleteManifest(repository, reference.digest));
  if (!deleted) throw unknownManifest();
  return new Response(null, { status: 202 });
}

function unknownManifest(): RegistryError {
  return new RegistryError(404, "MANIFEST_UNKNOWN", "unknown manifest");
}
