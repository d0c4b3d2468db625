import { waitUntil } from "../../support/wait-until.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import type { RegistryProcess } from "../support/registry-process.ts";
import { type Answer, exchange, rawRequest, stall } from "../support/raw-http.ts";

/** What a broken or hostile client sends, and what it must get. */
export type NastyCase = {
  readonly name: string;
  readonly send: (server: NastyServer) => Promise<Answer>;
  /** Status and code: `404 NAME_UNKNOWN`, `201`, `0` for a connection that is closed without an answer. */
  readonly answer: string | readonly string[];
};

export type NastyServer = {
  readonly registry: RegistryProcess;
  /** Sends one request on a connection of its own. */
  readonly request: (method: string, target: string, options?: RequestOptions) => Promise<Answer>;
  /** Sends bytes as they are. */
  readonly raw: (bytes: string | Uint8Array) => Promise<Answer>;
  /** Sends bytes and resets the connection. */
  readonly abort: (bytes: string | Uint8Array) => Promise<void>;
  /** Sends bytes, each on a connection of its own, and leaves these open until disposed of. */
  readonly stall: (all: readonly Uint8Array[]) => Promise<Disposable>;
  /** Opens an upload in repository `n`: its location. */
  readonly upload: () => Promise<string>;
  /** Pushes a blob to repository `n`: its digest. */
  readonly blob: (content: string) => Promise<string>;
  /** Pushes a manifest to repository `n`. */
  readonly manifest: (
    reference: string,
    body: string | Uint8Array,
    type?: string,
  ) => Promise<Answer>;
};

type RequestOptions = Parameters<typeof rawRequest>[2];

export function nastyServer(registry: RegistryProcess): NastyServer {
  const raw: NastyServer["raw"] = async (bytes) => await exchange(registry.port, bytes);
  const request: NastyServer["request"] = async (method, target, options) =>
    await raw(rawRequest(method, target, options));
  return {
    registry,
    raw,
    request,
    async abort(bytes) {
      await exchange(registry.port, bytes, { abort: true });
    },
    stall: async (all) => await stall(registry.port, all),
    async upload() {
      // What another case left half done may still be on its way out.
      return await waitUntil("an upload is opened", 10_000, async () => {
        const { status, headers } = await request("POST", "/v2/n/blobs/uploads/", { body: "" });
        return status === 202 ? headers.get("location") : undefined;
      });
    },
    async blob(content) {
      const digest = digestOf(content);
      const path = `/v2/n/blobs/uploads/?digest=${digest}`;
      const { status } = await request("POST", path, { body: content });
      if (status !== 201) throw new Error(`The push of a blob answered ${status}`);
      return digest;
    },
    manifest: async (reference, body, type = mediaTypes.ociManifest) =>
      await request("PUT", `/v2/n/manifests/${reference}`, {
        headers: { "Content-Type": type },
        body,
      }),
  };
}

/** Cases of one request each: method and target, what it is answered with, and options. */
export function requests(
  cases: readonly (readonly [
    method: string,
    target: string,
    answer: NastyCase["answer"],
    options?: RequestOptions,
  ])[],
): readonly NastyCase[] {
  return cases.map(([method, target, answer, options]) => ({
    name: `${method} ${shown(target)}${options === undefined ? "" : ` ${shown(Bun.inspect(options))}`}`,
    send: async ({ request }) => await request(method, target, options),
    answer,
  }));
}

/** An image manifest as JSON, with parts replaced or added. */
export function manifestWith(extra: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf("config"),
    layers: [],
    ...extra,
  });
}

export function descriptorOf(content: string): Record<string, unknown> {
  return { mediaType: mediaTypes.ociConfig, digest: digestOf(content), size: content.length };
}

function shown(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 80)}... (${line.length})` : line;
}
