import { formatReference } from "../../../oci/reference.ts";
import { inspectImage, manifestFor } from "../../../remote/inspect-image.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { readPlatform } from "../../read-platform.ts";
import { findReference } from "../../registry/find-reference.ts";
import { openRemote, registryFlags } from "../../registry/open-remote.ts";
import { renderInspection } from "../../registry/render-inspection.ts";

export const registryInspectCommand = defineCommand({
  args: {
    reference: {
      type: "positional",
      required: true,
      valueHint: "reference",
      description: "The image, as app:1.0 or app@sha256:...",
    },
    ...registryFlags,
    platform: {
      type: "string",
      valueHint: "platform",
      description: "The platform of an image that has several",
    },
    raw: { type: "boolean", description: "Print the manifest as it is stored" },
    json: { type: "boolean", description: "Print all of it as JSON" },
  },
  async run(app, args) {
    const platform = readPlatform(args.platform);
    const { address, repository, tag, digest } = await findReference(app, args, args.reference);
    const registry = await openRemote(app, args, address, { repository });
    const reference = digest ?? tag ?? "latest";
    const manifest = await manifestFor(registry, repository, reference, platform);
    // A manifest is valid UTF-8, so this gives its very bytes, a byte order mark included.
    if (args.raw === true) {
      return app.stdout.write(new TextDecoder("utf-8", { ignoreBOM: true }).decode(manifest.bytes));
    }
    const inspection = await inspectImage(registry, repository, manifest);
    const name = formatReference({
      registry: registry.host,
      repository,
      ...(digest === undefined ? { tag: reference } : { digest }),
    });
    if (args.json === true) return printJson(app.stdout, { reference: name, ...inspection });
    app.stdout.write(renderInspection(name, inspection, app.stdout.look.paint));
  },
});
