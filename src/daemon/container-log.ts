import type { Environment } from "../base/environment.ts";
import { openEngine } from "../docker/open-engine.ts";
import { refusal } from "./container-engine.ts";
import type { DaemonContainer } from "./daemon-state.ts";

type LogOptions = {
  readonly env: Environment;
  /** How many lines from the end. */
  readonly lines: number;
  readonly follow?: boolean;
  readonly signal: AbortSignal;
};

/** What the daemon in a container says, piece by piece. @throws HiveError */
export async function* containerLog(
  { host, name }: DaemonContainer,
  { env, lines, follow = false, signal }: LogOptions,
): AsyncGenerator<string> {
  await using engine = openEngine({ env, host });
  const query = `stdout=1&stderr=1&tail=${lines}&follow=${follow ? 1 : 0}`;
  const response = await engine.request(`/containers/${name}/logs?${query}`, { signal });
  if (!response.ok) throw await refusal(response, "read the log of BuildKit's container");
  const decoder = new TextDecoder();
  for await (const bytes of frames((response.body ?? []) as AsyncIterable<Uint8Array>)) {
    yield decoder.decode(bytes, { stream: true });
  }
}

/**
 * The contents of an engine's frames: eight bytes of head, the last four the length.
 * {@link https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach}
 */
async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array();
  let left = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (left === 0) {
        const missing = 8 - head.byteLength;
        head = Uint8Array.from([...head, ...rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (head.byteLength < 8) break;
        left = new DataView(head.buffer).getUint32(4);
        head = new Uint8Array();
      }
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.byteLength);
      left -= piece.byteLength;
      if (piece.byteLength > 0) yield piece;
    }
  }
}
