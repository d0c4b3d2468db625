import { readdir, readFile } from "node:fs/promises";

export type ProcessWatch = Disposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** The `Authorization` of each request, in their order. */
  readonly shown: (string | null)[];
  /** Command lines in the list of processes that had the secret when a request came. */
  readonly listed: string[];
};

/** Stands before a registry at `backend`, `host:port`, and looks at the list of processes with each request. */
export function processWatch(backend: string, secret: string): ProcessWatch {
  const shown: (string | null)[] = [];
  const listed: string[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      shown.push(request.headers.get("authorization"));
      listed.push(...(await commandLines()).filter((line) => line.includes(secret)));
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return await fetch(`http://${backend}${pathname}${search}`, { method, headers });
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    shown,
    listed,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // One may have ended meanwhile.
  return await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
}
