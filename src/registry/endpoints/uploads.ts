import { HiveError } from "../../base/hive-error.ts";
import { ContentMismatch, type StoredBlob } from "../../oci/blob-store.ts";
import { type Digest, type DigestAlgorithm, isDigest, parseDigest } from "../../oci/digest.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { receiveBody } from "../receive-body.ts";
import type { RegistryContext } from "../registry-context.ts";
import { RegistryError } from "../registry-error.ts";
import { queryOf, queryParameter } from "../route.ts";
import type { UploadSession } from "../upload-sessions.ts";
import { methodNotAllowed } from "./method-not-allowed.ts";

/**
 * `POST /v2/<name>/blobs/uploads/`: opens an upload, mounts a blob of another repository, or takes a whole blob.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs}
 */
export async function handleUploads(
  context: RegistryContext,
  request: Request,
  repository: string,
): Promise<Response> {
  if (request.method !== "POST") throw methodNotAllowed("POST");
  const query = queryOf(request.url);
  const mounted = await mountBlob(context, repository, query);
  if (mounted !== undefined) return created(repository, mounted);

  const digest = digestParameter(query);
  context.store.requireRoom(repository);
  const place = { repository, user: context.access.user };
  const session = context.uploads.open(place, algorithmParameter(query));
  if (digest === undefined) return accepted(session);
  context.uploads.claim(place, session.id);
  try {
    return await finish(context, request, session, digest);
  } finally {
    // Nobody was told where it could be gone on with.
    context.uploads.close(session);
  }
}

/** GET, HEAD, PATCH, PUT and DELETE of an upload's own location. */
export async function handleUpload(
  context: RegistryContext,
  request: Request,
  { repository, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  const { uploads, access } = context;
  const place = { repository, user: access.user };
  switch (request.method) {
    case "GET":
    case "HEAD":
      return new Response(null, { status: 204, headers: progress(uploads.find(place, id)) });
    case "PATCH": {
      const session = uploads.claim(place, id);
      await receive(context, request, session);
      uploads.release(session);
      return accepted(session);
    }
    case "PUT": {
      const digest = digestParameter(queryOf(request.url));
      if (digest === undefined) throw new RegistryError(400, "DIGEST_INVALID", "no digest given");
      return await finish(context, request, uploads.claim(place, id), digest);
    }
    case "DELETE":
      uploads.close(uploads.claim(place, id));
      return new Response(null, { status: 204 });
    default:
      throw methodNotAllowed("GET, HEAD, PATCH, PUT, DELETE");
  }
}

async function mountBlob(
  context: RegistryContext,
  repository: string,
  query: URLSearchParams,
): Promise<StoredBlob | undefined> {
  const { store, access } = context;
  const digest = queryParameter(query, "mount");
  const from = queryParameter(query, "from");
  if (digest === undefined || !isDigest(digest)) return undefined;
  const source = from ?? anySource(context, repository, digest);
  // What can't be mounted is uploaded: the answer is the same whether it is missing or not to be seen.
  if (source === undefined || !isRepositoryName(source)) return undefined;
  if (!access.may("read", source)) return undefined;
  const blob = store.findBlob(source, digest);
  if (blob !== undefined) await store.metadata.addBlob(repository, digest);
  return blob;
}

/** A repository to mount from when the client names none: only one that it may read. */
function anySource(
  { store, access }: RegistryContext,
  repository: string,
  digest: Digest,
): string | undefined {
  if (store.findBlob(repository, digest) !== undefined) return repository;
  // Mostly it is nowhere, and then no repository need be asked.
  if (store.blobs.find(digest) === undefined) return undefined;
  for (const name of store.metadata.repositoriesWithBlob(digest)) {
    if (access.may("read", name)) return name;
  }
  return undefined;
}

async function finish(
  context: RegistryContext,
  request: Request,
  session: UploadSession,
  digest: Digest,
): Promise<Response> {
  const { repository } = session;
  await receive(context, request, session);
  try {
    const blob = await session.writer.commit({ digest });
    await context.store.metadata.addBlob(repository, digest);
    return created(repository, blob);
  } catch (error) {
    if (!(error instanceof ContentMismatch)) throw error;
    throw new RegistryError(400, "DIGEST_INVALID", error.message);
  } finally {
    context.uploads.close(session);
  }
}

/**
 * Takes a request's body. When it breaks off, stalls or is not as announced, the upload stays as it then is: the client
 * may ask how far it came, and go on. When the store fails, there is nothing left to go on with.
 */
async function receive(
  { uploads, limits, keepOpen }: RegistryContext,
  request: Request,
  session: UploadSession,
): Promise<void> {
  const { writer } = session;
  try {
    const end = announcedEnd(request, session);
    keepOpen();
    await receiveBody(request, limits.uploadStall, (chunk) => {
      if (writer.size + chunk.byteLength > end) throw wrongLength(session);
      writer.write(chunk);
    });
    if (Number.isFinite(end) && writer.size !== end) throw wrongLength(session);
  } catch (error) {
    if (isStoreFailure(error)) uploads.close(session);
    else uploads.release(session);
    throw error;
  }
}

function isStoreFailure(error: unknown): boolean {
  return error instanceof HiveError || (error instanceof RegistryError && error.status === 507);
}

/** How far the upload will be after the chunk, by its `Content-Range: <first>-<last>`; infinity when it has none. */
function announcedEnd(request: Request, session: UploadSession): number {
  const range = request.headers.get("content-range");
  if (range === null) return Number.POSITIVE_INFINITY;
  const [, first, last] = /^([0-9]{1,15})-([0-9]{1,15})$/.exec(range) ?? [];
  const start = Number(first);
  if (start !== session.writer.size || Number(last) < start) {
    // With these headers a client knows where to go on.
    throw new RegistryError(
      416,
      "BLOB_UPLOAD_INVALID",
      "the chunk does not start where the upload stands",
      progress(session),
    );
  }
  const end = Number(last) + 1;
  const length = request.headers.get("content-length");
  // Found out before its first byte is taken, when the client says both.
  if (length !== null && Number(length) !== end - start) throw wrongLength(session);
  return end;
}

function wrongLength(session: UploadSession): RegistryError {
  const message = "the body is not as long as its Content-Range";
  return new RegistryError(400, "SIZE_INVALID", message, progress(session));
}

function accepted(session: UploadSession): Response {
  return new Response(null, { status: 202, headers: progress(session) });
}

function created(repository: string, { digest }: StoredBlob): Response {
  return new Response(null, {
    status: 201,
    headers: {
      // Relative: only the client knows under which address it reaches us.
      Location: `/v2/${repository}/blobs/${digest}`,
      "Docker-Content-Digest": digest,
    },
  });
}

function progress({ id, repository, writer }: UploadSession): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    "Docker-Upload-UUID": id,
    // `0-0` also stands for nothing yet: clients can't read `0--1`.
    Range: `0-${Math.max(writer.size - 1, 0)}`,
  };
}

function digestParameter(query: URLSearchParams): Digest | undefined {
  const text = queryParameter(query, "digest");
  if (text === undefined) return undefined;
  try {
    return parseDigest(text);
  } catch {
    throw new RegistryError(400, "DIGEST_INVALID", "invalid digest");
  }
}

function algorithmParameter(query: URLSearchParams): DigestAlgorithm {
  const text = queryParameter(query, "digest-algorithm") ?? "sha256";
  if (text === "sha256" || text === "sha512") return text;
  throw new RegistryError(400, "DIGEST_INVALID", "unsupported digest algorithm");
}
