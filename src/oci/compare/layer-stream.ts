import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import type { StoredBlob } from "../blob-store.ts";
import type { Descriptor } from "../descriptor.ts";

/** The tar that a layer is, unpacked on the way. Its errors, damaged compression included, come from reading it. */
export function layerStream(
  blob: StoredBlob,
  { mediaType }: Pick<Descriptor, "mediaType">,
): AsyncIterable<Uint8Array> {
  const file = createReadStream(blob.path);
  const unpack = /[.+]gzip$/.test(mediaType)
    ? createGunzip()
    : /[.+]zstd$/.test(mediaType)
      ? createZstdDecompress()
      : undefined;
  if (unpack === undefined) return file;
  // Its error is that of the unpacked stream, too, which its reader gets.
  pipeline(file, unpack, () => undefined);
  return unpack;
}
