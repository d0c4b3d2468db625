import { openEngine } from "../../docker/open-engine.ts";
import type { Dialer, DialerOptions } from "../dialer.ts";
import type { Endpoint } from "../endpoint.ts";

/** The BuildKit inside a Docker Engine: every connection is upgraded from the engine's API. */
export async function createDockerDialer(
  { socket }: Extract<Endpoint, { kind: "docker" }>,
  { env }: DialerOptions,
): Promise<Dialer> {
  const engine = openEngine({ env, host: socket === undefined ? undefined : `unix://${socket}` });
  return {
    authority: "localhost",
    engine,
    dial: async ({ signal, timeout }) =>
      await engine.upgrade("/grpc", { protocol: "h2c", signal, timeout }),
    [Symbol.asyncDispose]: async () => await engine[Symbol.asyncDispose](),
  };
}
