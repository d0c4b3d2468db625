import { accessSync, constants, existsSync } from "node:fs";
import type { Environment } from "../base/environment.ts";
import { type EngineAddress, type EngineTls, parseEngineAddress } from "./engine-address.ts";
import { currentContext, dockerDirectory, readDockerContext, readTls } from "./docker-contexts.ts";

/** Whose engine: Podman speaks the same language elsewhere. */
export type EngineKind = "docker" | "podman";

export type EngineSources = {
  readonly env: Environment;
  /** As DOCKER_HOST has it; wins over everything. */
  readonly host?: string | undefined;
  /** Of Docker's own, `default` included. Wins over DOCKER_HOST, as `docker --context` does. */
  readonly context?: string | undefined;
  /** Default: Docker. */
  readonly kind?: EngineKind | undefined;
};

type Machine = {
  readonly uid?: number | undefined;
  /** What stands before the paths of the system's sockets: tests have a system of their own. */
  readonly root?: string;
};

/**
 * The engine that `docker` itself would use: of DOCKER_HOST, DOCKER_CONTEXT, the current context; without any of them this
 * machine's, where the client needs to be told of sockets other than the first: the system's, the user's own, Docker Desktop's.
 * For Podman CONTAINER_HOST, then the user's own socket, then the system's.
 * Reads files of a few kB; nothing is asked yet.
 * @throws HiveError "usage" for an address that can't be used, a context that nobody knows, files that can't be read
 * {@link https://docs.docker.com/reference/cli/docker/#environment-variables}
 */
export function findEngine(
  { env, host, context, kind = "docker" }: EngineSources,
  { uid = process.getuid?.(), root = "" }: Machine = {},
): EngineAddress {
  if (host !== undefined && host !== "") return withTls(parseEngineAddress(host), env);
  if (kind === "podman") {
    const told = env["CONTAINER_HOST"];
    if (told) return parseEngineAddress(told, "CONTAINER_HOST");
    return { kind: "unix", path: firstSocket(podmanSockets({ env, uid, root })) };
  }
  const chosen = chooseContext(env, context);
  if (chosen !== undefined && chosen.name !== "default") {
    return readDockerContext(env, chosen.name, chosen.source);
  }
  if (env["DOCKER_HOST"]) return withTls(parseEngineAddress(env["DOCKER_HOST"]), env);
  return { kind: "unix", path: firstSocket(dockerSockets({ env, uid, root })) };
}

/** In the order in which `docker` itself looks, whatever its manual says of the variables. */
function chooseContext(
  env: Environment,
  context: string | undefined,
): { readonly name: string; readonly source: string } | undefined {
  if (context) return { name: context, source: "the address" };
  if (env["DOCKER_HOST"]) return undefined;
  if (env["DOCKER_CONTEXT"]) return { name: env["DOCKER_CONTEXT"], source: "DOCKER_CONTEXT" };
  const name = currentContext(env);
  return name === undefined ? undefined : { name, source: "Docker's config.json" };
}

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH are about DOCKER_HOST; a context has files of its own. */
function withTls(address: EngineAddress, env: Environment): EngineAddress {
  if (address.kind !== "tcp" || !env["DOCKER_TLS_VERIFY"]) return address;
  const told = env["DOCKER_CERT_PATH"];
  const directory = told || dockerDirectory(env);
  const found: EngineTls | undefined =
    directory === undefined ? undefined : readTls(directory, told ? "all" : "what is there");
  return { ...address, tls: { ...found } };
}

type Places = {
  readonly env: Environment;
  readonly uid: number | undefined;
  readonly root: string;
};

function dockerSockets({ env, uid, root }: Places): string[] {
  const home = env["HOME"];
  return [
    `${root}/var/run/docker.sock`,
    ...runtimeDirectories({ env, uid, root }).map((directory) => `${directory}/docker.sock`),
    ...(home ? [`${home}/.docker/run/docker.sock`, `${home}/.docker/desktop/docker.sock`] : []),
  ];
}

function podmanSockets(places: Places): string[] {
  return [
    ...runtimeDirectories(places).map((directory) => `${directory}/podman/podman.sock`),
    `${places.root}/run/podman/podman.sock`,
  ];
}

function runtimeDirectories({ env, uid, root }: Places): string[] {
  const told = env["XDG_RUNTIME_DIR"];
  return [...(told ? [told] : []), ...(uid === undefined ? [] : [`${root}/run/user/${uid}`])];
}

/** The first one that this user may open; else the first one that is there, whose error says why it can't be used. */
function firstSocket(paths: readonly string[]): string {
  const isOpen = (path: string): boolean => {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  };
  const [usual = ""] = paths;
  return paths.find(isOpen) ?? paths.find((path) => existsSync(path)) ?? usual;
}
