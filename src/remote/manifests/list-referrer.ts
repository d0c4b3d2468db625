import { HiveError } from "../../base/hive-error.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { findManifest } from "../manifests.ts";
import { referrersTag } from "./referrers-tag.ts";
import type { RemoteClient } from "../remote-client.ts";

type StoreManifest = (
  client: RemoteClient,
  repository: string,
  tag: string,
  content: { readonly mediaType: string; readonly bytes: Uint8Array },
) => Promise<unknown>;

/** Lists that are being written, by client: two at a time would lose one another's entry. */
const writing = new WeakMap<RemoteClient, Map<string, Promise<void>>>();

/**
 * Adds a manifest to the list of what refers to its subject, at a registry that keeps no such list itself. What others
 * list there stays; whoever writes it at the same time elsewhere is noticed, as far as it can be.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests-with-subject}
 * @param store writes a manifest as it is
 */
export async function listReferrer(
  client: RemoteClient,
  repository: string,
  subject: Digest,
  referrer: Descriptor,
  store: StoreManifest,
): Promise<void> {
  const lists = writing.get(client) ?? new Map<string, Promise<void>>();
  writing.set(client, lists);
  const key = `${repository}:${referrersTag(subject)}`;
  const turn = (lists.get(key) ?? Promise.resolve())
    .catch(() => undefined)
    .then(async () => await addToList(client, repository, subject, referrer, store));
  lists.set(key, turn);
  try {
    await turn;
  } finally {
    if (lists.get(key) === turn) lists.delete(key);
  }
}

async function addToList(
  client: RemoteClient,
  repository: string,
  subject: Digest,
  referrer: Descriptor,
  store: StoreManifest,
): Promise<void> {
  const tag = referrersTag(subject);
  for (let attempt = 1; attempt <= client.endpoint.limits.attempts; attempt++) {
    const found = (await findManifest(client, repository, tag))?.manifest;
    if (found !== undefined && found.kind !== "index") break;
    const listed = found?.manifests ?? [];
    if (listed.some(({ digest }) => digest === referrer.digest)) return;
    const list = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [...listed, referrer],
    };
    const bytes = new TextEncoder().encode(JSON.stringify(list));
    await store(client, repository, tag, { mediaType: mediaTypes.ociIndex, bytes });
  }
  throw new HiveError(
    "failed",
    `Cannot list ${referrer.digest} under ${repository}:${tag} on ${client.endpoint.address.host}`,
    { hint: "Something else stands there, or others write it all the time: try again." },
  );
}

/**
 * How a manifest stands in a list of referrers.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers}
 */
export function referrerDescriptor(manifest: Manifest, digest: Digest, size: number): Descriptor {
  const { mediaType, annotations } = manifest;
  const config = manifest.kind === "image" ? manifest.config.mediaType : undefined;
  const artifactType = manifest.artifactType || config;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
