import { RegistryError } from "./registry-error.ts";
import { notesOf } from "./request-notes.ts";

// Up to here one buffer is cheaper than a stream; above, those of many slow clients together would be too much.
const smallBody = 64 * 1024;

/**
 * Hands a request's body to `write`, piece by piece and only as fast as `write` takes it.
 * @throws RegistryError 408 when nothing comes for `stall` milliseconds; the connection's error when it breaks.
 */
export async function receiveBody(
  request: Request,
  stall: number,
  write: (chunk: Uint8Array) => void,
): Promise<void> {
  if (request.body === null) return;
  const notes = notesOf(request);
  const length = Number(request.headers.get("content-length") ?? Number.NaN);
  if (length <= smallBody) {
    const bytes = new Uint8Array(await stalling(request.arrayBuffer(), stall));
    if (notes !== undefined) notes.received = bytes.byteLength;
    if (bytes.byteLength > 0) write(bytes);
    return;
  }
  const reader = request.body.getReader();
  let last = performance.now();
  let stalled = false;
  // One timer for the whole body: one for every chunk would cost more than the chunk.
  const timer = setInterval(
    () => {
      if (performance.now() - last < stall) return;
      stalled = true;
      void reader.cancel().catch(() => undefined);
    },
    Math.min(stall, 1000),
  );
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (stalled) throw stallError();
      if (done) return;
      if (notes !== undefined) notes.received += value.byteLength;
      write(value);
      last = performance.now();
    }
  } finally {
    clearInterval(timer);
  }
}

/**
 * All of a small body; `hold` is told of its bytes before they are kept.
 * @throws RegistryError 413 when it is bigger than `limit` bytes; no more than that is read. What `hold` throws.
 */
export async function receiveSmallBody(
  request: Request,
  limit: number,
  stall: number,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const tooBig = (): RegistryError =>
    new RegistryError(413, "MANIFEST_INVALID", `the manifest is bigger than ${limit} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > limit) throw tooBig();
  const chunks: Uint8Array[] = [];
  let size = 0;
  await receiveBody(request, stall, (chunk) => {
    size += chunk.byteLength;
    if (size > limit) throw tooBig();
    hold(chunk.byteLength);
    chunks.push(chunk);
  });
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function stalling<T>(promise: Promise<T>, stall: number): Promise<T> {
  const { promise: stalled, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(stallError()), stall);
  try {
    return await Promise.race([promise, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

function stallError(): RegistryError {
  return new RegistryError(408, "BLOB_UPLOAD_INVALID", "the upload stalled");
}
