import { registrySource } from "../../../distribute/transfer/registry-source.ts";
import { defineCommand } from "../../define-command.ts";
import { findPlace } from "../../registry/find-place.ts";
import { openRemote, registryFlags } from "../../registry/open-remote.ts";
import { openSide, sideFlags } from "../../registry/open-side.ts";
import { refuseProduction } from "../../registry/refuse-production.ts";
import { copyFlags, platformsOf } from "../../transfer/copy-flags.ts";
import { readPlace, readTarget } from "../../transfer/read-place.ts";
import { runTransfers } from "../../transfer/run-transfers.ts";
import { transferFlags } from "../../transfer/transfer-flags.ts";

export const registryImportCommand = defineCommand({
  args: {
    reference: {
      type: "positional",
      required: true,
      valueHint: "reference",
      description: "The image, as alpine:3.22, quay.io/team/app:1.0 or app@sha256:...",
    },
    as: {
      type: "string",
      valueHint: "name[:tag]",
      description: "What it is called here (default: as there, without the registry)",
    },
    ...copyFlags,
    ...registryFlags,
    ...sideFlags,
    ...transferFlags,
  },
  async run(app, args) {
    const { registry = "docker.io", ...from } = readPlace(args.reference, "docker.io");
    const reference = from.digest ?? from.tag ?? "latest";
    const platforms = platformsOf(args.platform);
    const own = from.tag ?? (from.digest === undefined ? "latest" : undefined);
    const to = readTarget(args.as ?? from.repository, own);
    const place = await findPlace(app, args);
    if (place?.named !== undefined) {
      const { name, settings } = place.named;
      refuseProduction(place, { registries: new Map([[name, settings]]) });
    }
    const source = await openSide(app, args, "src", registry, from.repository);
    const repository = place?.prefix ? `${place.prefix}/${to.repository}` : to.repository;
    const destination =
      place === undefined
        ? await openRemote(app, args, undefined, { side: "dest" })
        : await openSide(app, args, "dest", place.address, repository);
    return await runTransfers(app, args, "import", [
      {
        source: registrySource(source),
        from: { repository: from.repository, reference },
        destination,
        to: { ...to, repository },
        ...platforms,
        referrers: args.referrers === true,
      },
    ]);
  },
});
