import { formatBytes } from "../../base/format-bytes.ts";
import { printable } from "../../base/printable.ts";
import { type ImageDescription, describeImage } from "../../oci/describe-image.ts";
import type { ImageLayout } from "../../oci/layout.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import { defineCommand } from "../define-command.ts";
import { findStore } from "../open-store.ts";
import { printJson } from "../print-json.ts";
import { printTable } from "../print-table.ts";

export const listCommand = defineCommand({
  args: { json: { type: "boolean", description: "Print the list as JSON" } },
  async run(app, args) {
    using layout = await findStore(app, args.project);
    const sorted = layout === undefined ? [] : await describeAll(layout);
    if (args.json === true) return printJson(app.stdout, sorted);
    if (sorted.length === 0) return app.log.info("Nothing was built here yet: run `hive build`");
    const { paint } = app.stdout.look;
    const rows = sorted.map(({ reference, platforms, size, created, digest }) => [
      printable(reference),
      printable(platforms.join(", ")),
      formatBytes(size),
      // To the second, as it stands in RFC 3339.
      printable(created?.slice(0, 19).replace("T", " ") ?? ""),
      paint.dim(shortDigest(digest)),
    ]);
    const heading = ["IMAGE", "PLATFORMS", "SIZE", "CREATED", "DIGEST"];
    printTable(app, [heading, ...rows], { align: ["left", "left", "right"] });
  },
});

/** Sorted as people count: 1.9 before 1.10. */
async function describeAll(layout: ImageLayout): Promise<ImageDescription[]> {
  const images: ImageDescription[] = [];
  for (const reference of await layout.references()) {
    images.push(await describeImage(layout.blobs, reference));
  }
  return images.toSorted((a, b) => a.reference.localeCompare(b.reference, "en", { numeric: true }));
}
