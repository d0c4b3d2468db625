import { HiveError } from "../../../base/hive-error.ts";
import { chooseArchive } from "../../distribute/choose-archive.ts";
import { planMirror } from "../../../distribute/mirror/plan-mirror.ts";
import type { WantedImage } from "../../../distribute/mirror/wanted-image.ts";
import type { RemoteRegistry } from "../../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../../remote/registry-address.ts";
import { defineCommand } from "../../define-command.ts";
import { findTargetRegistry } from "../../find-target-registry.ts";
import { openProject } from "../../project/open-project.ts";
import { registryFlags } from "../../registry/open-remote.ts";
import { openSide, sideFlags } from "../../registry/open-side.ts";
import { copyFlags, platformsOf } from "../../transfer/copy-flags.ts";
import { readPlace } from "../../transfer/read-place.ts";
import { runTransfers } from "../../transfer/run-transfers.ts";
import { transferFlags } from "../../transfer/transfer-flags.ts";

export const mirrorSyncCommand = defineCommand({
  args: {
    name: {
      type: "positional",
      required: false,
      valueHint: "name",
      description: "A registry of hive.yml (default: the one of role archive)",
    },
    registry: {
      ...registryFlags.registry,
      description: "Another address for it, as host:port",
    },
    locked: {
      type: "boolean",
      description: "Also what hive.lock pins, by digest",
    },
    ...copyFlags,
    ...sideFlags,
    ...transferFlags,
  },
  async run(app, args) {
    const project = await openProject(app, args);
    const { name, settings } = chooseArchive(project.registries, args.name);
    const target = findTargetRegistry(app, args.registry ?? name, project);
    if (target === undefined) throw new Error("Internal error: a registry that is named is none");
    const wanted = settings.mirror.map((text) => read(text));
    const pins = args.locked === true ? [...(project.pins ?? [])] : [];
    const { host: own } = parseRegistryAddress(target.address);
    for (const [reference, digest] of pins) {
      const { tag: _, ...image } = read(reference);
      if (hostOf(image.registry) !== own) wanted.push({ ...image, digest });
    }
    if (wanted.length === 0) {
      throw new HiveError("usage", `Nothing is to be mirrored to "${name}"`, {
        hint: `Write images under "mirror" of the registry in hive.yml, as docker.io/library/alpine:3.22; --locked takes those of hive.lock.`,
      });
    }
    const destination = await openSide(app, args, "dest", target.address);
    const opened = new Map<string, Promise<RemoteRegistry>>();
    const transfers = await planMirror(wanted, {
      destination,
      prefix: target.prefix,
      open(host, repository) {
        const key = `${host}/${repository}`;
        const registry = opened.get(key) ?? openSide(app, args, "src", host, repository);
        opened.set(key, registry);
        return registry;
      },
      ...platformsOf(args.platform),
      referrers: args.referrers === true,
    });
    app.signal.throwIfAborted();
    return await runTransfers(app, args, "mirror", transfers);
  },
});

/** @throws HiveError "usage" */
function read(text: string): WantedImage {
  const { registry = "docker.io", ...place } = readPlace(text, "docker.io");
  return { ...place, registry, written: text };
}

function hostOf(address: string): string {
  return parseRegistryAddress(address).host;
}
