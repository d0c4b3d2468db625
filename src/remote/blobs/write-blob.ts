import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { digestAlgorithm, isDigest } from "../../oci/digest.ts";
import { type Attempts, createAttempts } from "./attempts.ts";
import { hasBlob } from "./blobs.ts";
import type { HttpAnswer } from "../exchange.ts";
import type { OpenBlob } from "../open-registry.ts";
import { refusal } from "../refusal.ts";
import type { RemoteClient } from "../remote-client.ts";
import { isBusy, retryAfter } from "../retry.ts";
import { sendBytes } from "./send-bytes.ts";
import {
  advanced,
  cancelUpload,
  findUpload,
  startUpload,
  type UploadSession,
} from "./upload-session.ts";
import { createUploadSource, type UploadSource } from "./upload-source.ts";

type WriteOptions = {
  readonly onBytes?: (sent: number) => void;
  /** The registry says that what it got is something else. May throw what is known better. */
  readonly onRefused?: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
};

/** An upload under way. */
type Upload = {
  readonly client: RemoteClient;
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly source: UploadSource;
  readonly attempts: Attempts;
  readonly signal: AbortSignal | undefined;
  session: UploadSession | undefined;
  /** Whether the session may not be where we left it. */
  isLost: boolean;
  /** Whether the registry had all, and says that it is something else. */
  isRefused: boolean;
  /** Bytes of a piece; undefined: all that is left in one. */
  chunk: number | undefined;
  leastChunk: number;
};

/** A body of this size every proxy lets through. */
const smallestChunk = 256 * 1024;

/** What a registry, or a proxy before it, may say of a body that is too big, or of a way to send it that it has not got. */
const otherWay = new Set([405, 411, 413, 416, 501]);

/** What may come of going on in the middle, where a registry can't. */
const noWayOn = new Set([400, 404, 405, 410, 416, 501]);

/** What says that there is no such session, or that it is not in the state that we think it is in. */
const lostSession = new Set([404, 409, 410, 416]);

/**
 * Uploads a blob: all in one request, in pieces where that is refused or the registry says how big they must be. Where a
 * connection broke it goes on with what the registry has not got; where it knows nothing of the upload any more, it begins
 * anew.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs}
 * @throws HiveError; what `open` or its streams threw
 */
export async function writeBlob(
  client: RemoteClient,
  repository: string,
  descriptor: Descriptor,
  open: OpenBlob,
  { onBytes, onRefused, signal }: WriteOptions = {},
): Promise<void> {
  const source = createUploadSource(open, descriptor.size, onBytes);
  const attempts = createAttempts(client.endpoint, signal);
  const upload: Upload = {
    client,
    repository,
    descriptor,
    source,
    attempts,
    signal,
    session: undefined,
    isLost: false,
    isRefused: false,
    chunk: undefined,
    leastChunk: 0,
  };
  try {
    while (!(await step(upload))) {
      // Each step has its limit, and so has their number.
    }
  } catch (error) {
    const { session } = upload;
    const cancelled = session === undefined ? undefined : cancelUpload(client, repository, session);
    // Nobody who breaks off waits for that.
    if (signal?.aborted !== true) await cancelled;
    if (upload.isRefused) await onRefused?.();
    throw error;
  } finally {
    source.close();
  }
}

/** One request of an upload and what follows from its answer. Whether the blob is there. */
async function step(upload: Upload): Promise<boolean> {
  const { client, source, attempts, signal } = upload;
  const hadSession = upload.session !== undefined;
  try {
    if (upload.isLost && (await isThereAfterAll(upload))) return true;
    upload.session ??= await start(upload);
    return await proceed(upload, upload.session);
  } catch (error) {
    signal?.throwIfAborted();
    client.endpoint.signal.throwIfAborted();
    const failure = source.failure();
    if (failure !== undefined) throw failure;
    // Where there was a session the registry is there: it may be back in a moment.
    const mayComeBack = error instanceof HiveError && error.kind === "unreachable";
    if (!mayComeBack || !(hadSession || upload.session !== undefined)) throw error;
    upload.isLost = true;
    await attempts.failed(error);
    return false;
  }
}

async function start(upload: Upload): Promise<UploadSession> {
  const { client, repository, descriptor, signal } = upload;
  const { limits } = client.endpoint;
  const { session, leastChunk } = await startUpload(client, repository, descriptor.digest, signal);
  upload.leastChunk = leastChunk;
  if (leastChunk > 0 && descriptor.size > leastChunk) upload.chunk ??= limits.chunk;
  return session;
}

/** Finds out where a lost session stands. Whether there is nothing left to do: the answer may have been all that was lost. */
async function isThereAfterAll(upload: Upload): Promise<boolean> {
  const { client, repository, descriptor, attempts, signal } = upload;
  const session =
    upload.session === undefined
      ? undefined
      : await findUpload(client, repository, upload.session, signal);
  upload.isLost = false;
  const isUsable = session !== undefined && session.position <= descriptor.size;
  upload.session = isUsable ? session : undefined;
  if (isUsable) attempts.reached(session.position);
  return !isUsable && (await hasBlob(client, repository, descriptor));
}

async function proceed(upload: Upload, session: UploadSession): Promise<boolean> {
  const { client, descriptor, source, attempts } = upload;
  const { size } = descriptor;
  const { position } = session;
  const isWhole = position === 0 && upload.chunk === undefined;
  const isLast = isWhole || position === size;
  const chunk = Math.max(upload.chunk ?? size, upload.leastChunk);
  const end = isLast ? size : Math.min(position + chunk, size);
  const answer = await sendBytes({ ...upload, session, end, isLast });
  const failure = source.failure();
  if (failure !== undefined) throw failure;
  const { status } = answer;
  if (status >= 200 && status < 300) {
    if (isLast && status !== 202) {
      checkStored(upload, answer);
      return true;
    }
    if (!isLast) {
      upload.session = advanced(client, answer, session, end);
      attempts.reached(upload.session.position);
      return false;
    }
  }
  await reconsider(upload, session, answer, isWhole);
  return false;
}

/** @throws HiveError where the registry says that it stored something else; it need not say anything. */
function checkStored({ client, descriptor }: Upload, { headers }: HttpAnswer): void {
  const { digest } = descriptor;
  const stored = headers.get("docker-content-digest") ?? digest;
  // It may name its blobs by another algorithm.
  if (!isDigest(stored) || digestAlgorithm(stored) !== digestAlgorithm(digest)) return;
  if (stored === digest) return;
  const { host } = client.endpoint.address;
  throw new HiveError("failed", `${host} stored ${stored} in place of the blob ${digest}`, {
    hint: "This is for those who run the registry to mend.",
  });
}

/** What to do after a refusal. @throws HiveError when there is nothing. */
async function reconsider(
  upload: Upload,
  session: UploadSession,
  answer: HttpAnswer,
  isWhole: boolean,
): Promise<void> {
  const { client, repository, descriptor, attempts } = upload;
  const { status } = answer;
  const refused = refusal(
    client.endpoint.address.host,
    `upload the blob ${descriptor.digest}`,
    answer,
  );
  if (session.position > 0 && upload.chunk === undefined && noWayOn.has(status)) {
    upload.session = undefined;
    await cancelUpload(client, repository, session);
    await attempts.failed(refused);
    return;
  }
  if (isBusy(answer) || (lostSession.has(status) && !(isWhole && otherWay.has(status)))) {
    upload.isLost = true;
    await attempts.failed(refused, retryAfter(answer.headers));
    return;
  }
  const wantsPieces = isWhole ? otherWay.has(status) : status === 413;
  const chunk = status === 413 ? smallerChunk(upload) : client.endpoint.limits.chunk;
  if (!wantsPieces || chunk === undefined) {
    upload.isRefused = status === 400;
    throw refused;
  }
  upload.chunk = chunk;
  upload.session = undefined;
  await cancelUpload(client, repository, session);
}

/** A size of pieces that is less than what was too big; undefined when there is none. */
function smallerChunk({ client, descriptor, chunk, leastChunk }: Upload): number | undefined {
  const refused = Math.min(chunk ?? descriptor.size, descriptor.size);
  const least = Math.max(smallestChunk, leastChunk);
  const next = Math.max(Math.min(client.endpoint.limits.chunk, Math.ceil(refused / 4)), least);
  return next < refused ? next : undefined;
}
