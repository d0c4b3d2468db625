import { HiveError } from "../../../base/hive-error.ts";
import type { ImageTransfer } from "../../../distribute/transfer/image-transfer.ts";
import { registrySource } from "../../../distribute/transfer/registry-source.ts";
import type { RemoteRegistry } from "../../../remote/open-registry.ts";
import { isReferrersTag } from "../../../remote/manifests/referrers-tag.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { openRemote } from "../../registry/open-remote.ts";
import { openSide, sideFlags } from "../../registry/open-side.ts";
import { storageFlag } from "../../registry/storage-directory.ts";
import { copyFlags, platformsOf } from "../../transfer/copy-flags.ts";
import { type Place, readPlace } from "../../transfer/read-place.ts";
import { runTransfers } from "../../transfer/run-transfers.ts";
import { transferFlags } from "../../transfer/transfer-flags.ts";

export const registryCopyCommand = defineCommand({
  args: {
    source: {
      type: "positional",
      required: true,
      valueHint: "source",
      description:
        "The image, as quay.io/team/app:1.0, or many, as quay.io/team/app:1.* (without a registry: in that of this machine)",
    },
    destination: {
      type: "positional",
      required: true,
      valueHint: "destination",
      description: "Where to, as registry.example.com/app; without a tag those of the source",
    },
    "all-tags": { type: "boolean", description: "Every tag of the source" },
    ...copyFlags,
    ...storageFlag,
    ...sideFlags,
    ...transferFlags,
  },
  async run(app, args) {
    const from = readPlace(args.source);
    const to = readPlace(args.destination);
    const all = args["all-tags"] === true;
    checkPlaces(from, to, all);
    const many = all ? /(?:)/ : from.tags;
    const source = await openPlace(app, args, "src", from);
    const destination = await openPlace(app, args, "dest", to);
    const common = {
      source: registrySource(source),
      destination,
      ...platformsOf(args.platform),
      referrers: args.referrers === true,
    };
    const single = from.tag ?? (from.digest === undefined ? "latest" : undefined);
    const pairs =
      many === undefined
        ? [{ reference: from.digest ?? single ?? "latest", tag: to.tag ?? single }]
        : (await tagsOf(source, from, many)).map((tag) => ({ reference: tag, tag }));
    const transfers = pairs.map(({ reference, tag }): ImageTransfer => ({
      ...common,
      from: { repository: from.repository, reference },
      to: { repository: to.repository, tags: tag === undefined ? [] : [tag] },
    }));
    return await runTransfers(app, args, "copy", transfers);
  },
});

function checkPlaces(from: Place, to: Place, all: boolean): void {
  if (all && (from.tag ?? from.digest ?? from.tags) !== undefined) {
    throw new HiveError("usage", `Cannot copy all tags of ${from.repository}: it says which`, {
      hint: "Leave out --all-tags, or the tag.",
    });
  }
  const isMany = all || from.tags !== undefined;
  if (to.tags === undefined && to.digest === undefined && !(isMany && to.tag !== undefined)) return;
  throw new HiveError("usage", `Cannot copy to ${to.repository}: it says which image it becomes`, {
    hint: isMany
      ? "Leave out the tag: each keeps its own."
      : "Write registry/name or registry/name:tag.",
  });
}

async function tagsOf(
  source: RemoteRegistry,
  { repository }: Place,
  wanted: RegExp,
): Promise<readonly string[]> {
  const all = await Array.fromAsync(source.tags(repository));
  // Of lists of referrers --referrers brings what is in them.
  const tags = all.filter((tag) => wanted.test(tag) && !isReferrersTag(tag));
  if (tags.length > 0) return tags.toSorted();
  throw new HiveError("failed", `${repository} on ${source.host} has no such tag`, {
    hint: `\`hive registry tags ${source.host}/${repository}\` shows what there is.`,
  });
}

async function openPlace(
  app: App,
  args: Readonly<Record<string, unknown>>,
  side: "src" | "dest",
  { registry, repository }: Place,
): Promise<RemoteRegistry> {
  return registry === undefined
    ? await openRemote(app, args, undefined, { side })
    : await openSide(app, args, side, registry, repository);
}
