import type { ByteStream } from "../http2/byte-stream.ts";

/** The HTTP API of a Docker Engine, or of a Podman that speaks it. Dispose it to end what leads there. */
export type Engine = AsyncDisposable & {
  /** As DOCKER_HOST has it. */
  readonly address: string;
  /**
   * Calls the API; answers of any status are returned as they are, so that bodies can be streamed.
   * @param path with its query, without a version: `/containers/json?all=1`
   * @throws HiveError "unreachable"; the signal's reason
   */
  request(path: string, options?: EngineRequest): Promise<Response>;
  /**
   * Sends a request that turns its connection into a byte stream: `POST /exec/<id>/start`, `/grpc`.
   * @param protocol what the connection is to become: `tcp`, `h2c`
   * @throws HiveError "unreachable"; EngineRefusal with the engine's own words; the signal's reason
   */
  upgrade(
    path: string,
    options: EngineRequest & { readonly protocol: string },
  ): Promise<ByteStream>;
  /** A plain connection to where the API listens, for those that answer HTTP/2 there. */
  connect(options?: {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number;
  }): Promise<ByteStream>;
};

/** A call of the Engine API. */
export type EngineRequest = {
  readonly method?: "GET" | "POST" | "DELETE";
  /** Is sent as JSON, unless it is a stream or bytes. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the answer begins; 30 s when absent. */
  readonly timeout?: number;
};
