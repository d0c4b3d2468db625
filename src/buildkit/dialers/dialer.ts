import type { Environment } from "../../base/environment.ts";
import type { Engine } from "../../docker/engine.ts";
import type { ByteStream } from "../../http2/byte-stream.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

export type DialOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the stream is there. */
  readonly timeout: number;
};

/**
 * Opens byte streams to one daemon. What it needs for that (an ssh process, what an engine said of itself) lives as long as it.
 * Disposing ends no stream that it opened itself, but those that pass through what it holds.
 */
export type Dialer = AsyncDisposable & {
  /**
   * @throws the system's error (its `code` as ENOENT), a TimeoutError, the signal's reason, or a HiveError that says what
   * to do ("unreachable", "usage").
   */
  dial(options: DialOptions): Promise<ByteStream>;
  /** What HTTP/2 calls the authority: `localhost`, or the host and its port. */
  readonly authority: string;
  /** The Docker Engine whose own BuildKit it leads to. */
  readonly engine?: Engine;
};

/** What dialers learn of the world. */
export type DialerOptions = {
  /** DOCKER_HOST, KUBECONFIG, HOME and the like. */
  readonly env: Environment;
  /** Waits for what has to be there before the first stream. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * The way to an endpoint. Only the one that is needed is loaded.
 * @throws HiveError "usage" for files that can't be read and names that nobody knows, "unreachable"; the signal's reason
 */
export async function createDialer(endpoint: Endpoint, options: DialerOptions): Promise<Dialer> {
  switch (endpoint.kind) {
    case "unix":
    case "tcp":
      return (await import("./socket-dialer.ts")).createSocketDialer(endpoint, options);
    case "docker":
      return (await import("./docker-dialer.ts")).createDockerDialer(endpoint, options);
    case "container":
      return (await import("./container-dialer.ts")).createContainerDialer(endpoint, options);
    case "ssh":
      return (await import("./ssh-dialer.ts")).createSshDialer(endpoint, options);
    case "kube":
      return (await import("./kube-dialer.ts")).createKubeDialer(endpoint, options);
  }
}
