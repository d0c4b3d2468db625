/**
 * Stands in for a Vault: what the documentation of its HTTP API says of reading key-value secrets, and faults.
 * A real one is a program of a hundred megabytes that no test could count on.
 * {@link https://developer.hashicorp.com/vault/api-docs/secret/kv}
 */
export type VaultServer = Disposable & {
  readonly address: string;
  /** Paths that were asked for, in order. */
  readonly requests: readonly string[];
};

export type VaultContent = {
  /** Mount to version and secrets by path below it. */
  readonly mounts: Readonly<
    Record<string, { readonly version: 1 | 2; readonly secrets: Readonly<Record<string, object>> }>
  >;
  readonly token: string;
  readonly namespace?: string;
  /** Answers 403 when asked which mount a path belongs to, as for a token that may read its secrets and no more. */
  readonly hidesMounts?: boolean;
  /** What the first so many requests are answered with instead. */
  readonly faults?: readonly Response[];
  readonly tls?: Bun.TLSOptions;
};

export function serveVault(content: VaultContent): VaultServer {
  const requests: string[] = [];
  const faults = [...(content.faults ?? [])];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...(content.tls === undefined ? {} : { tls: content.tls }),
    fetch(request) {
      const path = new URL(request.url).pathname.replace(/^\/v1\//, "");
      requests.push(path);
      const fault = faults.shift();
      if (fault !== undefined) return fault;
      if (request.headers.get("X-Vault-Token") !== content.token) return denied();
      if ((request.headers.get("X-Vault-Namespace") ?? undefined) !== content.namespace) {
        return Response.json({ errors: ["no namespace"] }, { status: 404 });
      }
      return answer(content, path);
    },
  });
  const scheme = content.tls === undefined ? "http" : "https";
  return {
    address: `${scheme}://127.0.0.1:${server.port}`,
    requests,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function answer({ mounts, hidesMounts = false }: VaultContent, path: string): Response {
  const asked = path.replace(/^sys\/internal\/ui\/mounts\//, "");
  const found = Object.entries(mounts).find(([mount]) => asked.startsWith(`${mount}/`));
  if (found === undefined) return hidesMounts ? denied() : missing();
  const [mount, { version, secrets }] = found;
  if (asked !== path) {
    if (hidesMounts) return denied();
    const options = { version: String(version) };
    return Response.json({ data: { path: `${mount}/`, type: "kv", options } });
  }
  const below = path.slice(mount.length + 1);
  if (version === 1) {
    const data = secrets[below];
    return data === undefined ? missing() : Response.json({ data });
  }
  if (!below.startsWith("data/")) {
    const warnings = ["Invalid path for a versioned K/V secrets engine."];
    return Response.json({ errors: [], warnings }, { status: 404 });
  }
  const data = secrets[below.slice("data/".length)];
  if (data === undefined) return missing();
  return Response.json({ data: { data, metadata: { version: 1, destroyed: false } } });
}

function missing(): Response {
  return Response.json({ errors: [] }, { status: 404 });
}

function denied(): Response {
  return Response.json({ errors: ["permission denied"] }, { status: 403 });
}
