import { referrers } from "../../remote/manifests/referrers.ts";
import type { RemoteCredential } from "../../remote/credential.ts";
import { HiveError } from "../../base/hive-error.ts";
import type { Upstream } from "../../registry/upstream/upstream.ts";
import { blobSize, fetchBlob } from "../../remote/blobs/fetch-blob.ts";
import { findManifest, headManifest } from "../../remote/manifests.ts";
import { tags } from "../../remote/names.ts";
import { createEndpoint } from "../../remote/endpoint.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { createRemoteClient, type RemoteClient } from "../../remote/remote-client.ts";

type UpstreamOptions = {
  /** `[http://|https://]host[:port]`. */
  readonly address: string;
  /** Asked again now and then: what logins store changes while a server runs. */
  readonly credential: (host: string) => Promise<RemoteCredential | undefined>;
  /** A certificate authority to trust besides the public ones, PEM. */
  readonly certificateAuthority: (host: string) => Promise<string | undefined>;
};

/** Milliseconds for which a client, with its credential and tokens, is used. */
const clientLife = 10 * 60_000;

/** Clients wait for the answers: what is stored already is better than what comes late. */
const limits = {
  answer: 15_000,
  attempts: 3,
  firstDelay: 250,
  longestDelay: 2_000,
};

/**
 * A registry that another one keeps copies of, asked with the credentials of this machine.
 * @throws HiveError "usage" for what is no address.
 */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { host, origin } = parseRegistryAddress(options.address);
  const stop = new AbortController();
  let opened: { readonly client: Promise<RemoteClient>; readonly until: number } | undefined;

  async function open(): Promise<RemoteClient> {
    const endpoint = createEndpoint({
      address: options.address,
      certificateAuthority: await options.certificateAuthority(host),
      limits,
      signal: stop.signal,
    });
    return createRemoteClient(endpoint, await options.credential(host));
  }

  async function ask<Value>(work: (client: RemoteClient) => Promise<Value>): Promise<Value> {
    if (opened === undefined || opened.until < performance.now()) {
      opened = { client: open(), until: performance.now() + clientLife };
    }
    const { client } = opened;
    try {
      return await work(await client);
    } catch (error) {
      // Perhaps somebody logs in now.
      if (error instanceof HiveError && error.kind === "unauthorized") opened = undefined;
      throw error;
    }
  }

  return {
    origin,
    findDigest: (repository, tag) =>
      ask(async (client) => (await headManifest(client, repository, tag))?.digest),
    findManifest: (repository, reference) =>
      ask(async (client) => {
        const found = await findManifest(client, repository, reference);
        return (
          found && {
            digest: found.descriptor.digest,
            bytes: found.bytes,
            manifest: found.manifest,
          }
        );
      }),
    blobSize: (repository, digest) => ask((client) => blobSize(client, repository, digest)),
    findBlob: (repository, digest, signal) =>
      ask((client) => fetchBlob(client, repository, digest, signal)),
    tags: (repository) => ask((client) => Array.fromAsync(tags(client, repository, "empty"))),
    referrers: (repository, digest) => ask((client) => referrers(client, repository, digest)),
    [Symbol.dispose]: () => stop.abort(new DOMException("the registry ends", "AbortError")),
  };
}
