/**
 * `bun serve-for-tests.ts --storage DIRECTORY [--ephemeral]`: a registry in a process of its own, as tests need it that
 * measure or kill it. The first line on stdout is its address. What the registry can't blame on clients, and promises
 * that nobody waited for, go to stderr.
 */
import { parseArgs } from "node:util";
import { openLayout } from "../../../src/oci/layout.ts";
import { createRegistry } from "../../../src/registry/create-registry.ts";
import { createMemoryMetadataStore } from "../../../src/registry/memory-metadata-store.ts";
import { errorResponse, RegistryError } from "../../../src/registry/registry-error.ts";
import { createRegistryStore } from "../../../src/registry/registry-store.ts";

const { values } = parseArgs({
  options: { storage: { type: "string" }, ephemeral: { type: "boolean", default: false } },
});
const layout = await openLayout(values.storage ?? "", { durable: !values.ephemeral });
const registry = createRegistry({
  store: createRegistryStore({
    blobs: layout.blobs,
    metadata: createMemoryMetadataStore(),
    membership: "repository",
  }),
  incompleteImages: "accept",
  onError: report,
});
process.on("unhandledRejection", report);
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 255,
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  development: false,
  fetch: (request, self) => registry.fetch(request, self),
  error: () => errorResponse(new RegistryError(404, "BLOB_UNKNOWN", "unknown blob"), "GET"),
});
process.stdout.write(`http://127.0.0.1:${server.port}\n`);

function report(error: unknown): void {
  process.stderr.write(`${Bun.inspect(error)}\n`);
}
