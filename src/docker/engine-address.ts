import { HiveError } from "../base/hive-error.ts";

/** Where a Docker Engine listens. */
export type EngineAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string };

const defaultHost = "unix:///var/run/docker.sock";

/**
 * Reads an address as `DOCKER_HOST` has it; an empty one is the engine of this machine.
 * @throws HiveError for schemes that need more than a socket.
 */
export function parseEngineAddress(text: string | undefined): EngineAddress {
  const host = text === undefined || text === "" ? defaultHost : text;
  const [, scheme = "", rest = ""] = /^([a-z]+):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === "unix" && rest.startsWith("/")) return { kind: "unix", path: rest };
  if (scheme === "tcp" && /^[^/@?#]+:\d+\/?$/.test(rest)) {
    return { kind: "tcp", host: rest.replace(/\/$/, "") };
  }
  throw new HiveError("usage", `Cannot use Docker host "${host}": unknown kind of address`, {
    hint: "Set DOCKER_HOST to unix:///path/to/docker.sock or tcp://host:port; an ssh:// engine can be reached by forwarding its socket.",
  });
}

/** The address as text, for messages. */
export function formatEngineAddress(address: EngineAddress): string {
  return address.kind === "unix" ? `unix://${address.path}` : `tcp://${address.host}`;
}
