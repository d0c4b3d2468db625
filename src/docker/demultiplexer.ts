/** Where the parts of an engine's stream go. Chunks are views, valid only during the call. */
export type DemultiplexerHandlers = {
  readonly stdout: (chunk: Uint8Array) => void;
  /** What came on standard error, and what the engine itself has to say. */
  readonly stderr: (chunk: Uint8Array) => void;
};

const headLength = 8;

/**
 * Takes apart the stream of a process without a terminal: frames of `[stream, 0, 0, 0, length as a 32-bit number]` and as many
 * bytes. Whatever length they claim, nothing is held back but the piece of a head.
 * @throws Error for what is no such frame
 * {@link https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach}
 */
export function createDemultiplexer({
  stdout,
  stderr,
}: DemultiplexerHandlers): (chunk: Uint8Array) => void {
  const head = new Uint8Array(headLength);
  let headBytes = 0;
  let left = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (left === 0) {
        const piece = chunk.subarray(at, at + headLength - headBytes);
        head.set(piece, headBytes);
        at += piece.length;
        headBytes = (headBytes + piece.length) % headLength;
        if (headBytes !== 0) return;
        left = lengthIn(head);
        continue;
      }
      const piece = chunk.subarray(at, at + left);
      at += piece.length;
      left -= piece.length;
      if (head[0] === stream.stdout) stdout(piece);
      else if (head[0] !== stream.stdin) stderr(piece);
    }
  };
}

/** The engine's own errors come as the fourth. */
const stream = { stdin: 0, stdout: 1, stderr: 2, engine: 3 };

function lengthIn(head: Uint8Array): number {
  const [kind = 0, a, b, c] = head;
  if (kind > stream.engine || a !== 0 || b !== 0 || c !== 0) {
    throw new Error("the engine's stream is not in frames");
  }
  return new DataView(head.buffer).getUint32(4);
}
