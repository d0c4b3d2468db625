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
    }
  /** At a socket of another machine, by the user's `ssh`. */
  | {
      readonly kind: "ssh";
      /** `[user@]host` */
      readonly destination: string;
      readonly port?: number;
      readonly path: string;
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
 * @throws HiveError "usage" for what is no address, and for those that hive can't dial
 */
export function parseEngineAddress(text: string, source = "DOCKER_HOST"): EngineAddress {
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.+)$/.exec(text) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { kind: "unix", path: rest };
  if (scheme === "tcp" && /^[^/@?#]+:\d+\/?$/.test(rest)) {
    return { kind: "tcp", host: rest.replace(/\/$/, "") };
  }
  if (scheme === "ssh") {
    // What begins with a dash would be a flag of ssh.
    const parts = /^((?:[^\s@/:-][^\s@/:]*@)?[^\s@/-][^\s@/]*?)(?::(\d+))?(\/.*)?$/.exec(rest);
    const [, destination, port, path = "/"] = parts ?? [];
    if (destination !== undefined) {
      return {
        kind: "ssh",
        destination,
        ...(port === undefined ? {} : { port: Number(port) }),
        path: path === "/" ? "/var/run/docker.sock" : path,
      };
    }
  }
  const known = ["npipe", "fd"].includes(scheme);
  throw new HiveError(
    "usage",
    `Cannot use the engine "${text}" of ${source}: ${known ? `hive can't dial ${scheme}://` : "unknown kind of address"}`,
    {
      hint: "An engine's address is unix:///path/to/docker.sock, tcp://host:port or ssh://[user@]host[:port][/path].",
    },
  );
}

/** The address as text, for messages. */
export function formatEngineAddress(address: EngineAddress): string {
  switch (address.kind) {
    case "unix":
      return `unix://${address.path}`;
    case "tcp":
      return `tcp://${address.host}`;
    case "ssh": {
      const port = address.port === undefined ? "" : `:${address.port}`;
      return `ssh://${address.destination}${port}${address.path}`;
    }
  }
}
