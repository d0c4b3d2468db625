import type { Descriptor } from "../../oci/descriptor.ts";
import type { HttpAnswer, SendingPace } from "../exchange.ts";
import type { RemoteClient } from "../remote-client.ts";
import { askAtLocation, type UploadSession } from "./upload-session.ts";
import type { UploadSource } from "./upload-source.ts";

type Sending = {
  readonly client: RemoteClient;
  readonly repository: string;
  readonly descriptor: Descriptor;
  readonly source: UploadSource;
  readonly session: UploadSession;
  /** What is sent ends before this byte. */
  readonly end: number;
  /** Whether the blob is complete with it. */
  readonly isLast: boolean;
  readonly signal: AbortSignal | undefined;
};

/** Sends what follows of a blob, from where its upload stands. The answer may come before all of it is taken. */
export async function sendBytes(sending: Sending): Promise<HttpAnswer> {
  const { client, repository, descriptor, source, session, end, isLast, signal } = sending;
  const { limits } = client.endpoint;
  const { position } = session;
  const length = end - position;
  const url = new URL(session.url);
  // The rest of the query is the registry's own and stays as it is.
  if (isLast) url.search += `${url.search === "" ? "?" : "&"}digest=${descriptor.digest}`;
  const isPiece = !isLast || position > 0;
  return await askAtLocation(client, repository, {
    method: isLast ? "PUT" : "PATCH",
    url,
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(length),
      ...(isPiece && length > 0 ? { "Content-Range": `${position}-${end - 1}` } : {}),
    },
    body:
      length <= limits.smallBlob
        ? await source.bytes(position, end)
        : (pace: SendingPace) => source.stream(position, end, pace),
    once: true,
    patience: isLast ? limits.settle : limits.answer,
    signal,
  });
}
