import { HiveError } from "../../base/hive-error.ts";
import { EngineRefusal } from "../../docker/engine-refusal.ts";
import type { Engine } from "../../docker/engine.ts";
import { openEngine } from "../../docker/open-engine.ts";
import { speaksHttp2 } from "../../http2/speaks-http2.ts";
import type { Dialer, DialerOptions, DialOptions } from "./dialer.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

/** How the engine lets us in: HTTP/2 where its API listens, or behind an upgrade. */
type Way = "native" | "upgrade";

/** The API from which on gRPC is answered without an upgrade, which is then deprecated: Docker 29.2. */
const nativeSince = [1, 53] as const;

/** Who says that it can do it answers at once; something in between may not. */
const probeTime = 2_000;

/**
 * The BuildKit inside a Docker Engine. Sessions go through the build service's own call, as with any other daemon: the engine's
 * /session is for clients whose HTTP/2 can't do that.
 * @throws HiveError "usage" for an address that can't be used, a context that nobody knows
 */
export async function createDockerDialer(
  { socket, context }: Extract<Endpoint, { kind: "docker" }>,
  { env }: DialerOptions,
): Promise<Dialer> {
  const host = socket === undefined ? undefined : `unix://${socket}`;
  const engine = openEngine({ env, host, context });
  let way: Way | undefined;
  return {
    authority: "localhost",
    engine,
    async dial(options) {
      way ??= await findWay(engine, options);
      if (way === "native") return await engine.connect(options);
      try {
        return await engine.upgrade("/grpc", { protocol: "h2c", ...options });
      } catch (error) {
        if (!(error instanceof EngineRefusal)) throw error;
        const message = `the engine at ${engine.address} lets nobody in to its BuildKit: ${error.message}`;
        throw new HiveError("unreachable", message, {
          cause: error,
          hint: "Docker has BuildKit since 18.09. A proxy before its socket has to let POST /grpc pass, with upgrades.",
        });
      }
    },
    [Symbol.asyncDispose]: async () => await engine[Symbol.asyncDispose](),
  };
}

async function findWay(engine: Engine, options: DialOptions): Promise<Way> {
  const { headers } = await engine.request("/_ping", options);
  if (headers.has("Libpod-API-Version")) {
    throw new HiveError("unreachable", `Podman listens at ${engine.address}, and has no BuildKit`, {
      hint: `Run BuildKit in a container, and build there: podman run -d --privileged --name buildkitd moby/buildkit
BUILDKIT_HOST=podman-container://buildkitd`,
    });
  }
  if (!isNative(headers.get("API-Version"))) return "upgrade";
  return (await answersNatively(engine, options)) ? "native" : "upgrade";
}

/** Proxies in front of an engine pass its word on, but may know nothing of HTTP/2. */
async function answersNatively(engine: Engine, { signal, timeout }: DialOptions): Promise<boolean> {
  const limit = Math.min(probeTime, timeout);
  try {
    return await speaksHttp2(await engine.connect({ signal, timeout: limit }), { timeout: limit });
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

function isNative(version: string | null): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  return major > nativeSince[0] || (major === nativeSince[0] && minor >= nativeSince[1]);
}
