import { describe, expect, test } from "bun:test";
import { createDemultiplexer } from "../../src/docker/demultiplexer.ts";
import { createRandom } from "../support/random.ts";

function frame(kind: number, payload: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(payload);
  const head = Buffer.from([kind, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

function collect(): { push: (chunk: Uint8Array) => void; out: Uint8Array[]; err: Uint8Array[] } {
  const [out, err]: [Uint8Array[], Uint8Array[]] = [[], []];
  const push = createDemultiplexer({
    stdout: (chunk) => out.push(chunk.slice()),
    stderr: (chunk) => err.push(chunk.slice()),
  });
  return { push, out, err };
}

describe("createDemultiplexer()", () => {
  test.each(Array.from({ length: 50 }, (_, seed) => seed))(
    "takes frames apart wherever chunks end: seed %d",
    (seed) => {
      const random = createRandom(seed);
      const expected = { out: [] as Uint8Array[], err: [] as Uint8Array[] };
      const frames: Uint8Array[] = [];
      for (let count = 0; count < 40; count++) {
        const size = random.once(8) ? 0 : random.below(random.once(5) ? 3000 : 20);
        const payload = Uint8Array.from({ length: size }, () => random.below(256));
        const kind = random.below(4);
        frames.push(frame(kind, payload));
        if (kind === 1) expected.out.push(payload);
        else if (kind > 1) expected.err.push(payload);
      }
      const { push, out, err } = collect();
      const bytes = Buffer.concat(frames);
      for (let at = 0; at < bytes.length;) {
        const size = random.once(3) ? 1 : 1 + random.below(random.once(4) ? 5000 : 12);
        push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(Buffer.concat(out).equals(Buffer.concat(expected.out))).toBe(true);
      expect(Buffer.concat(err).equals(Buffer.concat(expected.err))).toBe(true);
    },
  );

  test("hands on what came of a frame that claims to be huge", () => {
    const { push, out } = collect();
    push(Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 7, 8]));
    push(Buffer.from([9]));
    expect(Buffer.concat(out)).toEqual(Buffer.from([7, 8, 9]));
  });

  test.each([
    ["text", "HTTP/1.1 200 OK"],
    ["an unknown stream", "\x04\0\0\0\0\0\0\u0001a"],
    ["a head with something in it", "\x01\0\x01\0\0\0\0\u0001a"],
  ])("refuses %s", (_, text) => {
    expect(() => collect().push(Buffer.from(text, "latin1"))).toThrow("is not in frames");
  });
});
