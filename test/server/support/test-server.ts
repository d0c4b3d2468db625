import { openLayout } from "../../../src/oci/layout.ts";
import { createMemoryMetadataStore } from "../../../src/registry/store/memory-metadata-store.ts";
import { createRegistry, type HttpServer } from "../../../src/registry/create-registry.ts";
import {
  createRegistryStore,
  type RegistryStore,
} from "../../../src/registry/store/registry-store.ts";
import type { LoggedRequest } from "../../../src/server/access-log/log-line.ts";
import { createHealth } from "../../../src/server/health.ts";
import { createRequestCounters } from "../../../src/server/metrics/request-counters.ts";
import { createPushActivity } from "../../../src/server/push-activity.ts";
import { createServerHandler } from "../../../src/server/server-handler.ts";
import { watchRequests } from "../../../src/server/watch-requests.ts";
import { createPages } from "../../../src/server/web/create-pages.ts";
import { tempDirectory } from "../../support/temp-directory.ts";
import { testUsers } from "./access.ts";

/** A server with all its parts, on a free port of loopback. */
export type TestServer = AsyncDisposable & {
  readonly address: string;
  readonly store: RegistryStore;
  readonly logged: readonly LoggedRequest[];
  readonly errors: Error[];
  /** Makes the next scrape of the metrics fail. */
  failNext(error: Error): void;
};

type TestServerOptions = {
  /** What everybody may read; undefined: there are no users, and everybody may do everything. */
  readonly readable?: string;
  readonly membership?: "shared" | "repository";
};

export async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { readable, membership = "repository" } = options;
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDirectory());
  const layout = stack.use(await openLayout(directory.path, { durable: false }));
  const metadata = createMemoryMetadataStore();
  const store = createRegistryStore({ blobs: layout.blobs, metadata, membership });
  const authentication = readable === undefined ? {} : { authenticate: testUsers(readable) };
  const errors: Error[] = [];
  const onError = (error: Error): void => void errors.push(error);
  const registry = stack.use(createRegistry({ store, onError, ...authentication }));
  const counters = createRequestCounters();
  const logged: LoggedRequest[] = [];
  let failure: Error | undefined;
  const handler = createServerHandler({
    registry,
    pages: createPages({ store, address: () => "127.0.0.1:5000", onError, ...authentication }),
    health: createHealth({ check: async () => undefined }),
    metrics: {
      parts: [counters],
      collect() {
        const error = failure;
        failure = undefined;
        if (error !== undefined) throw error;
        return { uploadsOpen: registry.openUploads };
      },
    },
    control: {
      status: () => Promise.reject(new Error("not asked for in these tests")),
      collectGarbage: () => Promise.reject(new Error("not asked for in these tests")),
    },
    activity: createPushActivity(0),
    isStopping: () => false,
    onError,
    ...authentication,
  });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    development: false,
    fetch: watchRequests<HttpServer>(handler, {
      counters,
      log: {
        add: (request) => void logged.push(request),
        dropped: 0,
        [Symbol.asyncDispose]: async () => undefined,
      },
      addressOf: (request, self) => self.requestIP(request)?.address,
    }),
  });
  stack.defer(() => server.stop(true));
  const owned = stack.move();
  return {
    address: `127.0.0.1:${server.port}`,
    store,
    logged,
    errors,
    failNext: (error) => void (failure = error),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
