import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readOptionalText } from "../base/read-optional-text.ts";
import { unreadableFile } from "../base/unreadable-file.ts";

/** Where docker and podman look for the certificate authority of one registry. */
const directories = ["/etc/docker/certs.d", "/etc/containers/certs.d"];

/** The certificate authority (PEM) of a registry as it is set up for docker or podman; undefined when it is not. */
export async function findAuthority(host: string): Promise<string | undefined> {
  for (const directory of directories) {
    const found = await readOptionalText(join(directory, host, "ca.crt"), {
      kind: "usage",
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @throws HiveError "usage" when the file can't be read. */
export async function readAuthority(cwd: string, path: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    throw unreadableFile(path, error, { kind: "usage" });
  }
}
