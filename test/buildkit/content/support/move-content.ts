// Writes a gigabyte through the content service into a store below the directory that is named, and reads it again: for a test
// that looks at the memory of this process. Both ends are in it.
import { highWaterMark } from "../../../support/peak-memory.ts";
import { openLayout } from "../../../../src/oci/layout.ts";
import { randomBytes } from "node:crypto";
import { contentClient, ofStore, writing } from "./content-client.ts";

const total = 2 ** 30;
const pieceSize = 256 * 1024;

using layout = await openLayout(process.argv[2] ?? "", { durable: false });
using client = contentClient(layout.blobs);
const noise = randomBytes(pieceSize);
const count = total / pieceSize;
const hasher = new Bun.CryptoHasher("sha256");
for (let at = 0; at < count; at++) hasher.update(noise);
const expected = `sha256:${hasher.digest("hex")}`;

async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at++) yield noise;
}

let written = 0n;
for await (const { offset } of client.content.write(
  writing(pieces(), { expected, total }),
  ofStore,
)) {
  written = offset;
}
let read = 0;
// In ranges of a megabyte, as the daemon does.
for (let at = 0; at < total; at += 2 ** 20) {
  const range = { digest: expected, offset: BigInt(at), size: 2n ** 20n };
  for await (const { data } of client.content.read(range, ofStore)) read += data.length;
}
if (Number(written) === read) {
  process.stdout.write(`${read} bytes each way\n${highWaterMark("self")}\n`);
}
