import { resolve } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { systemErrorCode } from "../../base/system-error.ts";
import { dockerArchive, ociArchive, writeArchive } from "../../oci/archive.ts";
import { selectPlatform } from "../../oci/select-platform.ts";
import { defineCommand } from "../define-command.ts";
import { openStore } from "../open-store.ts";
import { readPlatform } from "../read-platform.ts";
import { storedName } from "../stored-name.ts";

export const exportCommand = defineCommand({
  args: {
    reference: {
      type: "positional",
      required: true,
      valueHint: "reference",
      description: "The image, as app:1.0 or by digest",
    },
    output: {
      type: "string",
      alias: "o",
      valueHint: "file",
      description: "Where to write the archive; - is standard output",
    },
    format: {
      type: "enum",
      options: ["oci-archive", "docker-archive"],
      default: "oci-archive",
      valueHint: "format",
      description: "oci-archive or docker-archive",
    },
    platform: {
      type: "string",
      valueHint: "platform",
      description: "Only this platform of the image",
    },
  },
  async run(app, args) {
    if (args.output === undefined) {
      throw new HiveError("usage", "Missing --output: the file to write", {
        hint: `Write hive export ${args.reference} -o image.tar`,
      });
    }
    if (args.output === "-" && app.stdout.isTTY) {
      throw new HiveError("usage", "Cannot write an archive to a terminal", {
        hint: "Redirect standard output, or name a file with --output",
      });
    }
    using layout = await openStore(app, args.project);
    const reference = storedName(args.reference, args["build-id"]);
    const name = await selectPlatform(layout, reference, readPlatform(args.platform));
    const archive =
      args.format === "docker-archive"
        ? dockerArchive(layout, name, [reference])
        : ociArchive(layout, name);
    await writeArchive(
      archive,
      args.output === "-" ? writeToStdout : resolve(app.cwd, args.output),
    );
    if (args.output !== "-") app.log.info(`Wrote ${reference} to ${args.output}`);
  },
});

async function writeToStdout(chunk: Uint8Array): Promise<void> {
  try {
    await Bun.write(Bun.stdout, chunk);
  } catch (error) {
    if (systemErrorCode(error) !== "EPIPE") throw error;
    throw new HiveError("failed", "Cannot write the archive: who reads it has stopped", {
      cause: error,
    });
  }
}
