import { readFile } from "node:fs/promises";
import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** Docker's config.json or podman's auth.json, as far as it is about credentials. Whatever else stands there is left out. */
export type DockerConfig = {
  /** What is stored in the file, by registry. */
  readonly auths: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** Which helper has the credentials of a registry: `pass`, for docker-credential-pass. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The helper for all others. */
  readonly credsStore: string | undefined;
};

/** @throws HiveError "unauthorized" when there is something that can't be read; undefined when there is nothing */
export async function readDockerConfig(path: string): Promise<DockerConfig | undefined> {
  try {
    return dockerConfigOf(parseConfig(await readFile(path, "utf8")));
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw unreadableConfig(path, error);
  }
}

/**
 * The document in such a file, an object.
 * @throws SyntaxError that says nothing of what is in it
 */
export function parseConfig(text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    // Not the parser's message: it quotes the file.
  }
  if (isRecord(document)) return document;
  throw new SyntaxError("no JSON object");
}

export function dockerConfigOf(document: Readonly<Record<string, unknown>>): DockerConfig {
  const { auths, credHelpers, credsStore } = document;
  return {
    auths: new Map(
      entriesOf(auths).flatMap(([key, auth]) => (isRecord(auth) ? [[key, auth]] : [])),
    ),
    credHelpers: new Map(
      entriesOf(credHelpers).flatMap(([key, helper]) =>
        typeof helper === "string" && helper !== "" ? [[key, helper]] : [],
      ),
    ),
    credsStore: typeof credsStore === "string" && credsStore !== "" ? credsStore : undefined,
  };
}

/** Why a file can't be used, without a word of what is in it. */
export function unreadableConfig(path: string, error: unknown): HiveError {
  const reason = systemErrorCode(error) ?? "it is no JSON";
  return new HiveError("unauthorized", `Cannot read "${path}": ${reason}`, {
    hint: "Mend it, or move it away and log in again with `hive login`.",
  });
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}
