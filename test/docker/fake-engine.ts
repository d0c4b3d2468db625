import type { Engine, EngineRequest } from "../../src/docker/engine.ts";

export type FakeEngine = {
  readonly engine: Engine;
  /** `DELETE /images/base:1` of every request, in order. */
  readonly requests: string[];
  readonly headers: Readonly<Record<string, string>>[];
};

/** An engine that answers what a test says; the e2e tests talk to real ones. */
export function fakeEngine(
  answer: (request: string, options: EngineRequest) => Response | Promise<Response>,
): FakeEngine {
  const requests: string[] = [];
  const headers: Readonly<Record<string, string>>[] = [];
  const none = (): never => {
    throw new Error("not asked for");
  };
  return {
    requests,
    headers,
    engine: {
      address: "unix:///fake.sock",
      async request(path, options = {}) {
        const request = `${options.method ?? "GET"} ${path}`;
        requests.push(request);
        headers.push(options.headers ?? {});
        return await answer(request, options);
      },
      upgrade: none,
      connect: none,
      [Symbol.asyncDispose]: async () => {},
    },
  };
}
