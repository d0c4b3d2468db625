import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile, systemErrorCode } from "../base/system-error.ts";

/** Where docker and podman look for the certificate authority of one registry. */
const directories = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/** The certificate authority (PEM) of a registry as it is set up for docker or podman; undefined when it is not. */
export async function findAuthority(host: string): Promise<string | undefined> {
  for (const directory of directories) {
    const found = await readIfThere(join(directory, host, "ca.crt"));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws HiveError "usage" when the file can't be read. */
export async function readAuthority(cwd: string, path: string): Promise<string> {
  const found = await readIfThere(resolve(cwd, path));
  if (found !== undefined) return found;
  throw new HiveError("usage", `Cannot read "${path}": there is no such file`);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw new HiveError("usage", `Cannot read "${path}": ${systemErrorCode(error) ?? "broken"}`, {
      cause: error,
    });
  }
}
