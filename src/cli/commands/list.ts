import { formatBytes } from "../../base/format-bytes.ts";
import { renderTable } from "../../base/render-table.ts";
import { type BuiltImage, describeImage } from "../../oci/describe-image.ts";
import { shortDigest } from "../../progress/short-digest.ts";
import { defineCommand } from "../define-command.ts";
import { findStore } from "../open-store.ts";

export const listCommand = defineCommand({
  args: { json: { type: "boolean", description: "Print the list as JSON" } },
  async run(app, args) {
    using layout = await findStore(app, args.project);
    const images: BuiltImage[] = [];
    for (const reference of (await layout?.references()) ?? []) {
      if (layout !== undefined) images.push(await describeImage(layout.blobs, reference));
    }
    const sorted = images.toSorted((a, b) =>
      a.reference.localeCompare(b.reference, "en", { numeric: true }),
    );
    if (args.json === true) return app.stdout.write(`${JSON.stringify(sorted, undefined, 2)}\n`);
    if (sorted.length === 0) return app.log.info("Nothing was built here yet: run `hive build`");
    const { paint } = app.stdout.look;
    const rows = sorted.map(({ reference, platforms, size, created, digest }) => [
      reference,
      platforms.join(", "),
      formatBytes(size),
      created ?? "",
      paint.dim(shortDigest(digest)),
    ]);
    const heading = ["IMAGE", "PLATFORMS", "SIZE", "CREATED", "DIGEST"].map((cell) =>
      paint.bold(cell),
    );
    app.stdout.write(
      `${renderTable([heading, ...rows], { align: ["left", "left", "right"] }).join("\n")}\n`,
    );
  },
});
