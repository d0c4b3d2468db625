import { HiveError } from "../base/hive-error.ts";
import { isRecord } from "../base/is-record.ts";
import {
  askHelper,
  eraseWithHelper,
  helperProgram,
  type HelperOptions,
} from "./credential-helper.ts";
import { dockerConfigOf, readDockerConfig } from "./docker-config.ts";
import { editConfig } from "./edit-config.ts";
import { helperFor } from "./find-in-config.ts";
import { helperKeys, normalKey } from "./registry-keys.ts";

/**
 * Erases what is stored for a registry and for parts of it, in files like Docker's config.json and by the helpers that
 * these name. What can't be erased keeps nothing else from it.
 * @param paths Files, which need not be there.
 * @returns what had something: files, and programs
 * @throws HiveError once all was tried
 */
export async function eraseCredential(
  paths: readonly string[],
  host: string,
  options: HelperOptions,
): Promise<string[]> {
  const places: string[] = [];
  const errors: HiveError[] = [];
  const attempt = async (erase: () => Promise<string | undefined>): Promise<void> => {
    try {
      const place = await erase();
      if (place !== undefined) places.push(place);
    } catch (error) {
      if (!(error instanceof HiveError)) throw error;
      errors.push(error);
    }
  };
  for (const path of paths) {
    await attempt(async () => await eraseFromHelper(path, host, options));
    await attempt(async () => await eraseFromFile(path, host, options));
  }
  const [first] = errors;
  if (first === undefined) return [...new Set(places)];
  throw new HiveError("failed", `Not everything of ${host} could be erased: ${first.message}`, {
    hint: first.hint,
    cause: first,
  });
}

async function eraseFromHelper(
  path: string,
  host: string,
  options: HelperOptions,
): Promise<string | undefined> {
  // That it can't be read is said when it is to be changed.
  const config = await readDockerConfig(path).catch(() => undefined);
  const helper = config === undefined ? undefined : helperFor(config, host);
  if (helper === undefined) return undefined;
  let erased = false;
  for (const key of helperKeys(host)) {
    if ((await askHelper(helper, key, options)) === undefined) continue;
    await eraseWithHelper(helper, key, options);
    erased = true;
  }
  return erased ? helperProgram(helper) : undefined;
}

async function eraseFromFile(
  path: string,
  host: string,
  { signal }: HelperOptions,
): Promise<string | undefined> {
  const whole = normalKey(host);
  const isOf = (key: string): boolean =>
    normalKey(key) === whole || normalKey(key).startsWith(`${whole}/`);
  const config = await readDockerConfig(path);
  if (config === undefined || ![...config.auths.keys()].some(isOf)) return undefined;
  let erased = false;
  await editConfig(
    path,
    (document) => {
      const { auths } = document;
      if (!isRecord(auths) || ![...dockerConfigOf(document).auths.keys()].some(isOf))
        return undefined;
      erased = true;
      const rest = Object.entries(auths).filter(([key]) => !isOf(key));
      return { ...document, auths: Object.fromEntries(rest) };
    },
    signal,
  );
  return erased ? path : undefined;
}
