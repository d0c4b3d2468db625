// A process that is killed: stores blobs and names without end. Arguments: the layout's directory, a seed.
import { storeBlob } from "../../../src/oci/blob-store.ts";
import { openLayout } from "../../../src/oci/layout.ts";
import { storeSampleImage } from "./sample-image.ts";

const [directory = "", seed = ""] = process.argv.slice(2);
using layout = await openLayout(directory);
process.stdout.write("started\n");
for (let round = 0; ; round++) {
  const image = await storeSampleImage(layout.blobs, { text: `${seed} ${round}` });
  await storeBlob(layout.blobs, new Uint8Array(300_000).fill(round));
  await layout.update(new Map([[`image-${round % 7}:${seed}`, image]]));
}
