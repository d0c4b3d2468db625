import type { RemoteCredential } from "../remote/credential.ts";
import { makeAuthEntry, secretFields } from "./auth-entry.ts";
import {
  eraseWithHelper,
  helperProgram,
  type HelperOptions,
  storeWithHelper,
} from "./credential-helper.ts";
import { readDockerConfig } from "./docker-config.ts";
import { editConfig } from "./edit-config.ts";
import { helperFor } from "./find-in-config.ts";
import { storedKey } from "./registry-keys.ts";
import { isRecord } from "../base/is-record.ts";

/** Where a credential was stored. */
export type StoredAt = {
  /** The file that says so. */
  readonly path: string;
  /** The program that keeps it; undefined: it is in the file. */
  readonly helper?: string;
};

/**
 * Stores a credential where `docker login` does: with the helper that the file names for the registry, else in the file.
 * A token that is shown as it is always goes to the file, for helpers know of none.
 * @param path A file like Docker's config.json; it need not be there.
 * @throws HiveError; nothing is stored then
 */
export async function storeCredential(
  path: string,
  host: string,
  credential: RemoteCredential,
  options: HelperOptions,
): Promise<StoredAt> {
  const config = await readDockerConfig(path);
  const helper = config === undefined ? undefined : helperFor(config, host);
  const key = storedKey(host);
  if (helper === undefined || "bearer" in credential) {
    // What it had would be found first.
    if (helper !== undefined) await eraseWithHelper(helper, key, options);
    await setEntry(path, key, makeAuthEntry(credential), options);
    return { path };
  }
  await storeWithHelper(helper, key, credential, options);
  // An empty entry, as docker writes it: some ask helpers only for what is listed.
  await setEntry(path, key, {}, options);
  return { path, helper: helperProgram(helper) };
}

async function setEntry(
  path: string,
  key: string,
  secrets: Readonly<Record<string, string>>,
  { signal }: HelperOptions,
): Promise<void> {
  const change = (document: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    const auths = new Map(isRecord(document["auths"]) ? Object.entries(document["auths"]) : []);
    const before = auths.get(key);
    const rest = Object.entries(isRecord(before) ? before : {}).filter(
      ([name]) => !secretFields.includes(name),
    );
    auths.set(key, { ...Object.fromEntries(rest), ...secrets });
    return { ...document, auths: Object.fromEntries(auths) };
  };
  await editConfig(path, change, signal);
}
