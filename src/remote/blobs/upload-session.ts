import type { Digest } from "../../oci/digest.ts";
import { digestAlgorithm } from "../../oci/digest.ts";
import type { HttpAnswer, HttpRequest } from "../exchange.ts";
import { type RemoteClient, repositoryPath, repositoryScope } from "../remote-client.ts";
import { exchangeWithRetries } from "../retry.ts";
import { uploadLocation } from "./upload-location.ts";

/** Where an upload goes on, and how far it is. */
export type UploadSession = {
  readonly url: URL;
  /** Bytes that the registry has. */
  readonly position: number;
};

/**
 * Opens an upload.
 * @returns with the least bytes of a piece that is not the last, 0 where the registry says nothing
 */
export async function startUpload(
  client: RemoteClient,
  repository: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<{ session: UploadSession; leastChunk: number }> {
  const algorithm = digestAlgorithm(digest);
  // It is taken for granted where nothing is said.
  const query = algorithm === "sha256" ? "" : `?digest-algorithm=${algorithm}`;
  const answer = await client.call({
    method: "POST",
    path: repositoryPath(repository, `blobs/uploads/${query}`),
    scope: repositoryScope(repository, "pull,push"),
    action: `upload the blob ${digest}`,
    limit: client.endpoint.limits.errorSize,
    signal,
    expected: [202],
  });
  const least = answer.headers.get("oci-chunk-min-length") ?? "";
  return {
    session: { url: uploadLocation(client.endpoint, answer), position: 0 },
    leastChunk: /^\d{1,12}$/.test(least) ? Number(least) : 0,
  };
}

/** Asks how far an upload is; undefined where the registry does not know it, or any more. */
export async function findUpload(
  client: RemoteClient,
  repository: string,
  { url }: UploadSession,
  signal: AbortSignal | undefined,
): Promise<UploadSession | undefined> {
  const answer = await askAtLocation(client, repository, { method: "GET", url, signal });
  if (answer.status !== 204 && answer.status !== 200) return undefined;
  const end = rangeEnd(answer);
  // `0-0` stands for nothing as well as for one byte.
  return { url: nextLocation(client, answer, url), position: end === 0 ? 0 : end + 1 };
}

/** What is left after a piece went well. Where it does not say, or says what can't be, all of the piece was taken. */
export function advanced(
  client: RemoteClient,
  answer: HttpAnswer,
  { url, position }: UploadSession,
  end: number,
): UploadSession {
  const taken = rangeEnd(answer) + 1;
  const next = taken > position && taken < end ? taken : end;
  return { url: nextLocation(client, answer, url), position: next };
}

/** A session that stays open takes up room at the registry. It is none of our troubles when it can't be ended. */
export async function cancelUpload(
  client: RemoteClient,
  repository: string,
  { url }: Pick<UploadSession, "url">,
): Promise<void> {
  const request = { method: "DELETE", url, patience: 5000 } as const;
  await askAtLocation(client, repository, request).catch(() => undefined);
}

/** A request to where an upload is taken. Elsewhere than at the registry itself the credential has no business. */
export async function askAtLocation(
  client: RemoteClient,
  repository: string,
  request: Omit<HttpRequest, "limit">,
): Promise<HttpAnswer> {
  const limited = { ...request, limit: client.endpoint.limits.errorSize };
  return request.url.origin === client.endpoint.address.origin
    ? await client.authorized(limited, repositoryScope(repository, "pull,push"))
    : await exchangeWithRetries(client.endpoint, limited);
}

function nextLocation(client: RemoteClient, answer: HttpAnswer, before: URL): URL {
  return answer.headers.has("location") ? uploadLocation(client.endpoint, answer) : before;
}

/** The last byte that a `Range` header names; 0 where there is none to read. */
function rangeEnd({ headers }: HttpAnswer): number {
  return Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(headers.get("range") ?? "")?.[1] ?? 0);
}
