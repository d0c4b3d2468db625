import { type ImageLayout, openLayout } from "../../../src/oci/layout.ts";
import { type Digest, digestOf } from "../../../src/oci/digest.ts";
import type { Authenticate } from "../../../src/registry/access/access.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import type { MetadataStore } from "../../../src/registry/store/metadata-store.ts";
import { createRegistry, type HttpServer } from "../../../src/registry/create-registry.ts";
import type { IncompleteImages, RegistryLimits } from "../../../src/registry/registry-context.ts";
import type { TagRules } from "../../../src/registry/tag-rules.ts";
import { createRegistryStore } from "../../../src/registry/store/registry-store.ts";
import { tempDirectory } from "../../support/temp-directory.ts";

/** A registry as a function, with short forms of what clients do. */
export type RegistryFixture = AsyncDisposable & {
  readonly layout: ImageLayout;
  readonly metadata: MetadataStore;
  /** What the registry reported as its own fault. */
  readonly errors: readonly Error[];
  send(method: string, path: string, init?: SendInit): Promise<Response>;
  /** Pushes a blob in one request. */
  blob(repository: string, content: string): Promise<Digest>;
  /** Opens an upload; its location. */
  upload(repository: string): Promise<string>;
};

type SendInit = {
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
};

export async function openRegistry(
  options: {
    readonly membership?: "shared" | "repository";
    readonly limits?: Partial<RegistryLimits>;
    readonly incompleteImages?: IncompleteImages;
    readonly authenticate?: Authenticate;
    readonly tagRules?: TagRules;
    readonly isOperator?: (request: Request) => boolean;
    /** What stands for the socket's side. */
    readonly server?: HttpServer;
  } = {},
): Promise<RegistryFixture> {
  const directory = await tempDirectory();
  const layout = await openLayout(directory.path, { durable: false });
  const metadata = createMemoryMetadataStore();
  const errors: Error[] = [];
  const registry = createRegistry({
    store: createRegistryStore({
      blobs: layout.blobs,
      metadata,
      membership: options.membership ?? "shared",
    }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.authenticate === undefined ? {} : { authenticate: options.authenticate }),
    ...(options.tagRules === undefined ? {} : { tagRules: options.tagRules }),
    ...(options.isOperator === undefined ? {} : { isOperator: options.isOperator }),
    incompleteImages: options.incompleteImages ?? "refuse",
    onError: (error) => errors.push(error),
  });
  const send: RegistryFixture["send"] = async (method, path, init = {}) =>
    await registry.fetch(
      new Request(`http://registry.test${path}`, { method, ...init }),
      options.server,
    );
  return {
    layout,
    metadata,
    errors,
    send,
    async blob(repository, content) {
      const digest = digestOf(content);
      const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
      const response = await send("POST", path, { body: content });
      if (response.status !== 201) throw new Error(`push answered ${response.status}`);
      return digest;
    },
    async upload(repository) {
      const response = await send("POST", `/v2/${repository}/blobs/uploads/`);
      return response.headers.get("location") ?? "";
    },
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      layout[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The code of an error's body. */
export async function codeOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: readonly { code: string }[] };
  return errors.map(({ code }) => code).join(",");
}
