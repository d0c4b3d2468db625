import { HiveError } from "../../base/hive-error.ts";
import { mapLimited } from "../../base/map-limited.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { mediaTypes } from "../../oci/media-types.ts";
import { findManifest, headManifest } from "../manifests.ts";
import { referrersTag } from "./referrers-tag.ts";
import type { RemoteClient } from "../remote-client.ts";

type StoreManifest = (
  client: RemoteClient,
  repository: string,
  tag: string,
  content: { readonly mediaType: string; readonly bytes: Uint8Array },
) => Promise<unknown>;

/** Manifests asked about at a time. */
const parallel = 8;

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
  await changeList(client, repository, subject, store, (listed = []) =>
    listed.some(({ digest }) => digest === referrer.digest) ? undefined : [...listed, referrer],
  );
}

/**
 * Takes a manifest off the list of what refers to its subject, where there is one: registries refuse to have the list written
 * again once something in it is gone.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#deleting-manifests}
 * @param store writes a manifest as it is
 */
export async function unlistReferrer(
  client: RemoteClient,
  repository: string,
  subject: Digest,
  referrer: Digest,
  store: StoreManifest,
): Promise<void> {
  await changeList(client, repository, subject, store, (listed = []) =>
    listed.some(({ digest }) => digest === referrer)
      ? listed.filter(({ digest }) => digest !== referrer)
      : undefined,
  );
}

/** What a list becomes; undefined: it is right as it is. */
type ListChange = (listed: readonly Descriptor[] | undefined) => readonly Descriptor[] | undefined;

async function changeList(
  client: RemoteClient,
  repository: string,
  subject: Digest,
  store: StoreManifest,
  change: ListChange,
): Promise<void> {
  const lists = writing.get(client) ?? new Map<string, Promise<void>>();
  writing.set(client, lists);
  const key = `${repository}:${referrersTag(subject)}`;
  const turn = (lists.get(key) ?? Promise.resolve())
    .catch(() => undefined)
    .then(async () => await writeList(client, repository, subject, store, change));
  lists.set(key, turn);
  try {
    await turn;
  } finally {
    if (lists.get(key) === turn) lists.delete(key);
  }
}

async function writeList(
  client: RemoteClient,
  repository: string,
  subject: Digest,
  store: StoreManifest,
  change: ListChange,
): Promise<void> {
  const tag = referrersTag(subject);
  for (let attempt = 1; attempt <= client.endpoint.limits.attempts; attempt++) {
    const found = (await findManifest(client, repository, tag))?.manifest;
    const wanted = change(found?.kind === "index" ? found.manifests : undefined);
    if (wanted === undefined) return;
    if (found !== undefined && found.kind !== "index") break;
    const write = async (manifests: readonly Descriptor[]): Promise<void> => {
      const list = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
      const bytes = new TextEncoder().encode(JSON.stringify(list));
      await store(client, repository, tag, { mediaType: mediaTypes.ociIndex, bytes });
    };
    try {
      await write(wanted);
    } catch (error) {
      // Registries that look whether all is there refuse a list with something that others have deleted.
      const there = await onlyThere(client, repository, wanted);
      if (there.length === wanted.length) throw error;
      await write(there);
    }
  }
  throw new HiveError(
    "failed",
    `Cannot write the list under ${repository}:${tag} on ${client.endpoint.address.host}`,
    { hint: "Something else stands there, or others write it all the time: try again." },
  );
}

async function onlyThere(
  client: RemoteClient,
  repository: string,
  listed: readonly Descriptor[],
): Promise<Descriptor[]> {
  const found = await mapLimited(listed, parallel, async (one) =>
    (await headManifest(client, repository, one.digest)) === undefined ? [] : [one],
  );
  return found.flat();
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
