import type { ImageLayout } from "../../src/oci/layout.ts";
import { serveRegistry } from "../../src/registry/serve-registry.ts";

type TokenRegistryOptions = {
  readonly layout: ImageLayout;
  readonly credential: { readonly username: string; readonly secret: string };
  /** Seconds that tokens are good for. */
  readonly life?: number;
};

export type TokenRegistry = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** The same without any guard, to push to. */
  readonly backend: string;
  /** What its token service gives. */
  readonly token: string;
  /** Who asked for tokens: the program, and whether it showed the right password. */
  readonly asked: { readonly agent: string; readonly scope: string; readonly known: boolean }[];
};

/** A registry of a layout's images that lets in who has a token of its token service, which wants the credential. */
export async function tokenRegistry(options: TokenRegistryOptions): Promise<TokenRegistry> {
  const { layout, credential, life } = options;
  const backend = await serveRegistry({ layout });
  const token = crypto.randomUUID();
  const basic = `Basic ${btoa(`${credential.username}:${credential.secret}`)}`;
  const asked: TokenRegistry["asked"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search, searchParams, host } = new URL(request.url);
      const { headers, method } = request;
      if (pathname === "/token") {
        const known = headers.get("authorization") === basic;
        const agent = (headers.get("user-agent") ?? "").split("/", 1)[0] ?? "";
        asked.push({ agent, scope: searchParams.getAll("scope").join(" "), known });
        if (!known) return Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401 });
        return Response.json({ token, ...(life === undefined ? {} : { expires_in: life }) });
      }
      if (headers.get("authorization") !== `Bearer ${token}`) {
        const repository = /^\/v2\/(.+)\/(?:manifests|blobs|tags)\//.exec(pathname)?.[1];
        const scope = repository === undefined ? "" : `,scope="repository:${repository}:pull"`;
        return Response.json(
          { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] },
          {
            status: 401,
            headers: {
              "WWW-Authenticate": `Bearer realm="http://${host}/token",service="test"${scope}`,
            },
          },
        );
      }
      const passed = ["accept", "content-type", "content-range"].flatMap((name) => {
        const value = headers.get(name);
        return value === null ? [] : [[name, value] as [string, string]];
      });
      const hasBody = method !== "GET" && method !== "HEAD";
      return await fetch(`http://${backend.address}${pathname}${search}`, {
        method,
        headers: passed,
        redirect: "manual",
        ...(hasBody ? { body: await request.arrayBuffer() } : {}),
      });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    backend: backend.address,
    token,
    asked,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await backend[Symbol.asyncDispose]();
    },
  };
}
