import type { Environment } from "../../base/environment.ts";
import { HiveError } from "../../base/hive-error.ts";
import type { FindAgent } from "../../buildkit/ssh/ssh-service.ts";

/**
 * Finds the sockets of a target's ssh agents.
 * @param agents id to path, or to `default` for the one that SSH_AUTH_SOCK names
 */
export function sshAgents(agents: Readonly<Record<string, string>>, env: Environment): FindAgent {
  return (id) => {
    const socket = Object.hasOwn(agents, id) ? agents[id] : undefined;
    if (socket !== "default") return socket;
    const path = env["SSH_AUTH_SOCK"] ?? "";
    if (path !== "") return path;
    throw new HiveError("failed", `Cannot forward ssh agent "${id}": SSH_AUTH_SOCK is not set`, {
      hint: "Start an agent with: eval $(ssh-agent) && ssh-add, or name its socket: ssh: [id=/path]",
    });
  };
}
