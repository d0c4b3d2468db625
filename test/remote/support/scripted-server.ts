/** What a scripted server was asked, in order. */
export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | null;
  readonly body: string;
};

export type ScriptedServer = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly url: string;
  readonly asked: readonly Asked[];
};

/** A server for the faults that no registry can be asked to have. */
export function scriptedServer(
  answer: (asked: Asked, count: number) => Response | Promise<Response>,
): ScriptedServer {
  const asked: Asked[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const one = {
        method: request.method,
        path: `${pathname}${search}`,
        authorization: request.headers.get("authorization"),
        body: await request.text(),
      };
      asked.push(one);
      return await answer(one, asked.length);
    },
  });
  return {
    address: `127.0.0.1:${server.port}`,
    url: `http://127.0.0.1:${server.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
