import { HiveError } from "../../base/hive-error.ts";
import { mapLimited } from "../../base/map-limited.ts";
import { toError } from "../../base/to-error.ts";
import { mirrorPrefix } from "../../oci/mirror-prefix.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { within } from "../../oci/within.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { ImageSource, ImageTransfer } from "../transfer/image-transfer.ts";
import { registrySource } from "../transfer/registry-source.ts";
import type { WantedImage } from "./wanted-image.ts";

export type MirrorOptions = {
  readonly destination: RemoteRegistry;
  /** Where in the destination copies are: `team`, or nothing. */
  readonly prefix: string;
  /** Opens the registry that an image is of. */
  readonly open: (host: string, repository: string) => Promise<RemoteRegistry>;
  readonly platforms?: readonly string[];
  readonly referrers: boolean;
};

/** Lists of tags that are asked for at a time. */
const listsAtATime = 4;

/**
 * The transfers that bring what is wanted, each image once. An image is called as it is elsewhere, below the name of its
 * registry: `docker.io/library/alpine`, as a pull-through cache calls it. What can't be found out is a transfer that fails: it keeps
 * no other from being made.
 */
export async function planMirror(
  wanted: readonly WantedImage[],
  options: MirrorOptions,
): Promise<ImageTransfer[]> {
  const planned = await mapLimited(wanted, listsAtATime, async (image) => {
    try {
      return await planImage(image, options);
    } catch (error) {
      return [failing(image, options, toError(error))];
    }
  });
  const transfers = new Map<string, ImageTransfer>();
  for (const transfer of planned.flat()) {
    const { to, from } = transfer;
    const key = `${to.repository} ${from.reference} ${to.tags.join()}`;
    if (!transfers.has(key)) transfers.set(key, transfer);
  }
  return [...transfers.values()];
}

async function planImage(
  image: WantedImage,
  { destination, prefix, open, platforms, referrers }: MirrorOptions,
): Promise<ImageTransfer[]> {
  const { repository } = image;
  const { host } = parseRegistryAddress(image.registry);
  const name = mirroredName(prefix, host, repository);
  const registry = await open(host, repository);
  const source = registrySource(registry);
  const transfer = (reference: string, tags: readonly string[]): ImageTransfer => ({
    source,
    from: { repository, reference },
    destination,
    to: { repository: name, tags },
    ...(platforms === undefined ? {} : { platforms }),
    referrers,
  });
  if (image.digest !== undefined) {
    return [transfer(image.digest, image.tag === undefined ? [] : [image.tag])];
  }
  if (image.tags === undefined) {
    const { tag = "latest" } = image;
    return [transfer(tag, [tag])];
  }
  const { tags } = image;
  const matching: string[] = [];
  for await (const tag of registry.tags(repository)) if (tags.test(tag)) matching.push(tag);
  if (matching.length > 0) return matching.toSorted().map((tag) => transfer(tag, [tag]));
  throw new HiveError("failed", `no tag of ${repository} on ${host} matches`, {
    hint: `\`hive registry tags ${host}/${repository}\` shows what there is.`,
  });
}

/** @throws HiveError "usage" for what no registry takes as a name */
function mirroredName(prefix: string, host: string, repository: string): string {
  const name = nameOf(prefix, host, repository);
  if (isRepositoryName(name)) return name;
  throw new HiveError("usage", `"${name}" is no repository name`, {
    hint: "Names are at most 255 characters of lower case.",
  });
}

function nameOf(prefix: string, host: string, repository: string): string {
  return within(prefix, `${mirrorPrefix(host)}/${repository}`);
}

/** Told like those that fail while they are copied. */
function failing(
  { written, registry, repository, tag, digest }: WantedImage,
  { destination, prefix }: MirrorOptions,
  error: Error,
): ImageTransfer {
  const fail = (): Promise<never> => Promise.reject(error);
  const source: ImageSource = {
    name: registry,
    findDescriptor: fail,
    findManifest: fail,
    referrers: fail,
    checkBlob: fail,
    openBlob: () => {
      throw error;
    },
  };
  const glob = written.slice(written.lastIndexOf(":") + 1);
  const reference = digest ?? tag ?? glob;
  return {
    source,
    from: { repository, reference },
    destination,
    to: {
      repository: nameOf(prefix, registry, repository),
      tags: digest === undefined ? [reference] : [],
    },
    referrers: false,
  };
}
