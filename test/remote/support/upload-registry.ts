import { digestOf } from "../../../src/oci/digest.ts";

export type UploadRequest = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Headers;
};

export type UploadRegistry = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
  readonly requests: readonly UploadRequest[];
  /** `PATCH 0-99`, `PUT`, `POST`: the requests of uploads, in short. */
  readonly uploads: () => string[];
};

type Options = {
  /** Answers in the registry's place, the body unread. `count` starts at 1, of all requests. */
  readonly answer?: (
    request: UploadRequest,
    count: number,
  ) => Response | undefined | Promise<Response | undefined>;
  readonly postHeaders?: Record<string, string>;
  /** How a session's location is written. */
  readonly locationOf?: (id: string) => string;
};

/** A registry that only takes uploads, in memory, in whatever way a test wants it to. */
export function uploadRegistry(options: Options = {}): UploadRegistry {
  const {
    answer = () => undefined,
    postHeaders = {},
    locationOf = (id) => `/uploads/${id}`,
  } = options;
  const blobs = new Map<string, Uint8Array>();
  const sessions = new Map<string, Uint8Array[]>();
  const requests: UploadRequest[] = [];
  let lastId = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    async fetch(request) {
      const { pathname, search, searchParams } = new URL(request.url);
      const { method, headers } = request;
      const one = { method, path: `${pathname}${search}`, headers };
      requests.push(one);
      const instead = await answer(one, requests.length);
      if (instead !== undefined) return instead;
      if (method === "POST") {
        const id = String(++lastId);
        sessions.set(id, []);
        return new Response(null, {
          status: 202,
          headers: { Location: locationOf(id), ...postHeaders },
        });
      }
      const digest = pathname.slice(pathname.lastIndexOf("/") + 1);
      if (method === "HEAD") return new Response(null, { status: blobs.has(digest) ? 200 : 404 });
      const id = /\/uploads\/(\d+)/.exec(pathname)?.[1] ?? "";
      const parts = sessions.get(id);
      if (parts === undefined) return new Response(null, { status: 404 });
      const size = (): number => parts.reduce((sum, part) => sum + part.byteLength, 0);
      const progress = (status: number): Response =>
        new Response(null, {
          status,
          headers: { Location: locationOf(id), Range: `0-${Math.max(size() - 1, 0)}` },
        });
      if (method === "GET") return progress(204);
      if (method === "DELETE") {
        sessions.delete(id);
        return new Response(null, { status: 204 });
      }
      const range = headers.get("content-range");
      if (range !== null && Number(range.split("-")[0]) !== size()) return progress(416);
      for await (const chunk of request.body ?? []) parts.push(chunk);
      if (method === "PATCH") return progress(202);
      const bytes = Buffer.concat(parts);
      sessions.delete(id);
      if (digestOf(bytes) !== searchParams.get("digest")) {
        return Response.json({ errors: [{ code: "DIGEST_INVALID" }] }, { status: 400 });
      }
      blobs.set(digestOf(bytes), bytes);
      return new Response(null, { status: 201 });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    blobs,
    requests,
    uploads: () =>
      requests.map(({ method, headers }) =>
        [method, headers.get("content-range")].filter(Boolean).join(" "),
      ),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
