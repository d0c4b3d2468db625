import { loadImage } from "../../docker/load-image.ts";
import { dockerArchive } from "../../oci/archive.ts";
import { selectPlatform } from "../../oci/select-platform.ts";
import { defineCommand } from "../define-command.ts";
import { openStore } from "../open-store.ts";
import { readPlatform } from "../read-platform.ts";
import { storedName } from "../stored-name.ts";

export const loadCommand = defineCommand({
  args: {
    reference: {
      type: "positional",
      required: true,
      valueHint: "reference",
      description: "The image, as app:1.0",
    },
    platform: {
      type: "string",
      valueHint: "platform",
      description: "The platform of an image that has several",
    },
  },
  async run(app, args) {
    using layout = await openStore(app, args.project);
    const reference = storedName(args.reference, args["build-id"]);
    const name = await selectPlatform(layout, reference, readPlatform(args.platform));
    const loaded = await loadImage(dockerArchive(layout, name, [reference]), {
      env: app.env,
      signal: app.signal,
    });
    app.stdout.write(`${loaded.join("\n")}\n`);
  },
});
