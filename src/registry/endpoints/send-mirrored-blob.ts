import type { Digest } from "../../oci/digest.ts";
import type { MirroredContent } from "../upstream/create-mirrors.ts";
import { notModified, rangeHeader } from "./preconditions.ts";
import { blobHeaders, rangeHeaders, sendBlob, unknownBlob, wantedRange } from "./send-blob.ts";

/** Answers with a blob of another registry that is not here yet. @throws RegistryError */
export async function sendMirroredBlob(
  mirrored: MirroredContent,
  request: Request,
  digest: Digest,
): Promise<Response> {
  if (request.method === "HEAD") {
    const size = await mirrored.blobSize(digest);
    if (size === undefined) throw unknownBlob();
    return (
      notModified(request, digest) ?? new Response(null, { headers: blobHeaders({ digest, size }) })
    );
  }
  const found = await mirrored.blob(digest, request.signal);
  if (found === undefined) throw unknownBlob();
  const wanted = rangeHeader(request, digest);
  switch (found.kind) {
    case "stored":
      return sendBlob(found.blob, wanted);
    case "passing":
      // A whole answer to a wish for a part is right as well, and simpler.
      return new Response(found.blob.content, {
        headers: blobHeaders({ digest, size: found.blob.size }),
      });
    case "coming": {
      const { download } = found;
      const { size } = download;
      const range = size === undefined ? undefined : wantedRange(wanted, size);
      if (range === undefined) {
        return new Response(download.read(), { headers: blobHeaders({ digest, size }) });
      }
      return new Response(download.read(range.start, range.end), {
        status: 206,
        headers: rangeHeaders({ digest, size }, range),
      });
    }
  }
}
