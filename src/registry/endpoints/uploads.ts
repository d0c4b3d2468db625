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
  const session = context.uploads.open(repository, algorithmParameter(query));
  if (digest === undefined) return accepted(session);
  context.uploads.claim(repository, session.id);
  return await finish(context, request, session, digest);
}

/** GET, PATCH, PUT and DELETE of an upload's own location. */
export async function handleUpload(
  context: RegistryContext,
  request: Request,
  { repository, id }: { readonly repository: string; readonly id: string },
): Promise<Response> {
  const { uploads } = context;
  switch (request.method) {
    case "GET":
      return new Response(null, { status: 204, headers: progress(uploads.find(repository, id)) });
    case "PATCH": {
      const session = uploads.claim(repository, id);
      try {
        await receive(context, request, session);
      } finally {
        uploads.release(session);
      }
      return accepted(session);
    }
    case "PUT": {
      const digest = digestParameter(queryOf(request.url));
      if (digest === undefined) throw new RegistryError(400, "DIGEST_INVALID", "no digest given");
      return await finish(context, request, uploads.claim(repository, id), digest);
    }
    case "DELETE":
      uploads.close(uploads.claim(repository, id));
      return new Response(null, { status: 204 });
    default:
      throw methodNotAllowed("GET, PATCH, PUT, DELETE");
  }
}

async function mountBlob(
  { store, access }: RegistryContext,
  repository: string,
  query: URLSearchParams,
): Promise<StoredBlob | undefined> {
  const digest = queryParameter(query, "mount");
  const from = queryParameter(query, "from");
  if (digest === undefined || !isDigest(digest)) return undefined;
  if (from !== undefined && !isRepositoryName(from)) return undefined;
  // What can't be mounted is uploaded: the answer is the same whether it is missing or not to be seen.
  if (from !== undefined && !access.may("read", from)) return undefined;
  const blob = store.findBlob(from ?? repository, digest);
  if (blob !== undefined) await store.metadata.addBlob(repository, digest);
  return blob;
}

async function finish(
  context: RegistryContext,
  request: Request,
  session: UploadSession,
  digest: Digest,
): Promise<Response> {
  const { repository } = session;
  try {
    await receive(context, request, session);
  } catch (error) {
    context.uploads.release(session);
    throw error;
  }
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

/** Takes a request's body. A broken or stalled one ends the upload: clients start over, and nothing is left behind. */
async function receive(
  { uploads, limits, keepOpen }: RegistryContext,
  request: Request,
  session: UploadSession,
): Promise<void> {
  const { writer } = session;
  const before = writer.size;
  const range = request.headers.get("content-range");
  const expected = range === null ? undefined : rangeLength(range, session);
  keepOpen(request);
  try {
    await receiveBody(request, limits.uploadStall, (chunk) => writer.write(chunk));
    if (expected !== undefined && writer.size - before !== expected) {
      throw new RegistryError(400, "SIZE_INVALID", "the body is not as long as its Content-Range");
    }
  } catch (error) {
    uploads.close(session);
    throw error;
  }
}

/** The number of bytes that a chunk's `Content-Range: <first>-<last>` announces. */
function rangeLength(range: string, session: UploadSession): number {
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
  return Number(last) - start + 1;
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
