import { rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { isRecord } from "../base/is-record.ts";
import { storageError } from "../base/storage-error.ts";
import { writeFileAtomically } from "../oci/atomic-file.ts";
import { isOwnerAlive, parseOwner, type RunOwner } from "../oci/run-owner.ts";

/** How to reach the registry that runs on a storage directory: `server.json` in it, for its owner's eyes only. */
export type ServerState = {
  readonly version: 1;
  readonly pid: number;
  readonly owner: RunOwner;
  /** `https://127.0.0.1:5000`. */
  readonly url: string;
  /** `127.0.0.1:5000`, as it stands in references. */
  readonly address: string;
  /** Path of a PEM file: where the certificate is of no public authority. */
  readonly certificateAuthority?: string;
  /** File of the certificate that it shows when that is one of the user's own. */
  readonly certificate?: string;
  /** `Authorization: Bearer <controlToken>` is the administrator: who may read the storage needs no password. */
  readonly controlToken: string;
};

const fileName = "server.json";

/**
 * Says that a registry runs on `directory`, which exists. Replaces what another one left.
 * @throws HiveError when it can't be written.
 */
export async function writeServerState(directory: string, state: ServerState): Promise<void> {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  try {
    await writeFileAtomically(join(directory, fileName), text, { mode: 0o600 });
  } catch (error) {
    throw storageError(error, directory);
  }
}

/**
 * The registry that runs on `directory`; undefined when none does. What a killed one left counts as none.
 * @throws HiveError "usage" for a file that can't be read, "failed" for one that makes no sense.
 */
export async function readServerState(directory: string): Promise<ServerState | undefined> {
  const path = join(directory, fileName);
  const text = await readState(path);
  if (text === undefined) return undefined;
  const state = parseState(text);
  if (state === undefined) {
    throw new HiveError("failed", `Cannot understand "${path}"`, {
      hint: "It is of another version of hive, or damaged: stop that registry and start it again.",
    });
  }
  return isOwnerAlive(state.owner, path) ? state : undefined;
}

/** Gives a sign of life, which those need who can't ask whether the process runs: others in other containers. */
export async function renewServerState(directory: string): Promise<void> {
  const now = new Date();
  await utimes(join(directory, fileName), now, now);
}

/** Takes it back when `owner` ends; another's stays. */
export async function removeServerState(directory: string, owner: RunOwner): Promise<void> {
  const path = join(directory, fileName);
  const text = await readState(path);
  if (text !== undefined && parseState(text)?.owner === owner) await rm(path, { force: true });
}

async function readState(path: string): Promise<string | undefined> {
  return await readOptionalText(path, {
    kind: "usage",
    denied:
      "Only the user who started the registry may: be that user, or name the registry with --registry.",
  });
}

function parseState(text: string): ServerState | undefined {
  const document = parseJson(text);
  if (!isRecord(document) || document["version"] !== 1) return undefined;
  const { pid, owner, url, address, certificateAuthority, controlToken, certificate } = document;
  const known = typeof owner === "string" ? parseOwner(owner) : undefined;
  if (known === undefined || !Number.isSafeInteger(pid)) return undefined;
  if (typeof url !== "string" || URL.parse(url) === null) return undefined;
  if (typeof address !== "string" || typeof controlToken !== "string") return undefined;
  if (certificateAuthority !== undefined && typeof certificateAuthority !== "string") {
    return undefined;
  }
  if (certificate !== undefined && typeof certificate !== "string") return undefined;
  return {
    version: 1,
    pid: pid as number,
    owner: known,
    url,
    address,
    ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
    ...(certificate === undefined ? {} : { certificate }),
    controlToken,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
