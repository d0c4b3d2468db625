import { expect, test } from "bun:test";
import { openLayout } from "../../src/oci/layout.ts";
import { createUploadSessions } from "../../src/registry/upload-sessions.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const place = { repository: "a", user: undefined };

test("uploads without a byte make room for others, those with bytes and those at work don't", async () => {
  await using directory = await tempDirectory();
  using layout = await openLayout(directory.path, { durable: false });
  using uploads = createUploadSessions({
    blobs: layout.blobs,
    limit: 3,
    lifetime: 600_000,
    // Any that was not opened this very moment.
    emptyLifetime: -1,
  });
  const empty = uploads.open(place, "sha256");
  const working = uploads.claim(place, uploads.open(place, "sha256").id);
  const begun = uploads.open(place, "sha256");
  begun.writer.write(Buffer.from("x"));

  const next = uploads.claim(place, uploads.open(place, "sha256").id);
  expect(() => uploads.find(place, empty.id)).toThrow("unknown upload");
  for (const { id } of [working, begun, next]) expect(uploads.find(place, id).id).toBe(id);
  expect(() => uploads.open(place, "sha256")).toThrow(
    expect.objectContaining({ status: 429, code: "TOOMANYREQUESTS" }),
  );
});
