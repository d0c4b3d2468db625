import { HiveError } from "../base/hive-error.ts";

/** Where an engine listens. */
export type EngineAddress =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      /** With its port, as a URL has it. */
      readonly host: string;
      /** Speaks TLS when there. */
      readonly tls?: EngineTls;
    };

/** What TLS is made with: the files' contents. */
export type EngineTls = {
  /** The authorities that may have signed the engine's certificate; the machine's own when absent. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The certificate is not looked at: a context that was made with `skip-tls-verify`. */
  readonly unverified?: boolean;
};

/**
 * Reads an address as `DOCKER_HOST` has it.
 * @param source where it stands, for the error: `DOCKER_HOST`, `context "build"`
 * @throws HiveError "usage" for addresses that need more than a socket
 */
export function parseEngineAddress(text: string, source = "DOCKER_HOST"): EngineAddress {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.+)$/.exec(text) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { kind: "unix", path: rest };
  if (scheme === "tcp" && /^[^/@?#]+:\d+\/?$/.test(rest)) {
    return { kind: "tcp", host: rest.replace(/\/$/, "") };
  }
  const known = ["ssh", "npipe", "fd"].includes(scheme);
  throw new HiveError(
    "usage",
    `Cannot use the engine "${text}" of ${source}: ${known ? `hive can't dial ${scheme}://` : "unknown kind of address"}`,
    {
      hint:
        scheme === "ssh"
          ? "Forward its socket (ssh -L /tmp/docker.sock:/var/run/docker.sock ...), and name it by DOCKER_HOST=unix:///tmp/docker.sock."
          : "An engine's address is unix:///path/to/docker.sock or tcp://host:port.",
    },
  );
}

/** The address as text, for messages. */
export function formatEngineAddress(address: EngineAddress): string {
  return address.kind === "unix" ? `unix://${address.path}` : `tcp://${address.host}`;
}
