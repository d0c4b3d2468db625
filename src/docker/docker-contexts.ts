import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { didYouMean } from "../base/closest.ts";
import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";
import { type EngineAddress, type EngineTls, parseEngineAddress } from "./engine-address.ts";

/** What `docker context` keeps of a context in its meta.json, as far as it is about the engine. */
type ContextFile = {
  readonly Name?: string;
  readonly Endpoints?: {
    readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean };
  };
};

/** Where Docker's own client keeps what it knows: `$DOCKER_CONFIG`, else `~/.docker`. Undefined without a home. */
export function dockerDirectory(env: Environment): string | undefined {
  if (env["DOCKER_CONFIG"]) return env["DOCKER_CONFIG"];
  return env["HOME"] ? join(env["HOME"], ".docker") : undefined;
}

/**
 * The context that `docker context use` chose; undefined for none.
 * @throws HiveError "usage" for a config.json that can't be read
 */
export function currentContext(env: Environment): string | undefined {
  const directory = dockerDirectory(env);
  if (directory === undefined) return undefined;
  const config: { readonly currentContext?: unknown } | undefined = readJson(
    join(directory, "config.json"),
  );
  const name = config?.currentContext;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/**
 * Where a context's engine listens.
 * @param source where the name stands, for errors: `DOCKER_CONTEXT`
 * @throws HiveError "usage" for a context that nobody knows, or that can't be read
 * {@link https://docs.docker.com/engine/manage-resources/contexts/}
 */
export function readDockerContext(env: Environment, name: string, source: string): EngineAddress {
  const directory = dockerDirectory(env);
  if (directory === undefined) throw unknownContext([], name, source);
  // Directories are named so that any name will do.
  const id = createHash("sha256").update(name).digest("hex");
  const file = join(directory, "contexts", "meta", id, "meta.json");
  const context: ContextFile | undefined = readJson(file);
  if (context === undefined) throw unknownContext(contextNames(directory), name, source);
  const { Host: host, SkipTLSVerify: unverified } = context.Endpoints?.docker ?? {};
  if (typeof host !== "string" || host === "") {
    throw new HiveError("usage", `Docker's context "${name}" of ${source} names no engine`, {
      hint: `Its file is ${file}.`,
    });
  }
  const address = parseEngineAddress(host, `Docker's context "${name}"`);
  const tls = readTls(join(directory, "contexts", "tls", id, "docker"), "what is there");
  if (address.kind !== "tcp" || (tls === undefined && unverified !== true)) return address;
  return { ...address, tls: { ...tls, ...(unverified === true ? { unverified } : {}) } };
}

/**
 * `ca.pem`, `cert.pem` and `key.pem` of a directory; undefined when it has none of them.
 * @throws HiveError "usage" when one can't be read, or a certificate and its key are not both there
 */
export function readTls(directory: string, wanted: "all" | "what is there"): EngineTls | undefined {
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((name) => {
    const path = join(directory, name);
    const text = readText(path);
    if (text === undefined && wanted === "all") throw unreadable(path, "it is not there");
    return text;
  });
  if (ca === undefined && cert === undefined && key === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    throw unreadable(directory, "a certificate needs its key, and a key its certificate");
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function unknownContext(names: readonly string[], name: string, source: string): HiveError {
  const known = ["default", ...names];
  const meant = didYouMean(name, known);
  return new HiveError("usage", `Docker has no context "${name}", which ${source} names`, {
    hint: `${meant === undefined ? "" : `${meant[0]?.toUpperCase()}${meant.slice(1)} `}Docker's contexts are: ${known.join(", ")}.`,
  });
}

function contextNames(directory: string): string[] {
  const meta = join(directory, "contexts", "meta");
  try {
    return readdirSync(meta)
      .map((id) => {
        const context: ContextFile | undefined = readJson(join(meta, id, "meta.json"));
        return context?.Name;
      })
      .filter((name) => typeof name === "string")
      .toSorted();
  } catch {
    // Names are only offered; one that is broken is not in the way.
    return [];
  }
}

/** The value of a file that holds an object; undefined when it isn't there. */
function readJson(path: string): object | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, not by the parser's message: it quotes the file, and config.json holds passwords.
  }
  throw unreadable(path, "it is no JSON");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw unreadable(path, systemErrorCode(error) ?? "unknown", error);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): HiveError {
  return new HiveError("usage", `Cannot read "${path}": ${reason}`, {
    hint: "It tells where the Docker Engine is. Mend it, or name the engine by DOCKER_HOST.",
    cause,
  });
}
