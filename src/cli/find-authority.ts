import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Environment } from "../base/environment.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import { unreadableFile } from "../base/unreadable-file.ts";

/** The certificate authority (PEM) of a registry as it is set up for docker or podman; undefined when it is not. */
export async function findAuthority(env: Environment, host: string): Promise<string | undefined> {
  for (const directory of directoriesOf(env)) {
    const found = await readOptionalText(join(directory, host, "ca.crt"), {
      kind: "usage",
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where docker and podman look for the certificate authority of one registry: the user's own directories come first. */
function directoriesOf(env: Environment): string[] {
  const home = env["HOME"];
  const config = env["XDG_CONFIG_HOME"] || (home ? join(home, ".config") : undefined);
  return [
    ...(config === undefined
      ? []
      : [join(config, "containers/certs.d"), join(config, "docker/certs.d")]),
    // Docker Desktop's.
    ...(home ? [join(home, ".docker/certs.d")] : []),
    "/etc/docker/certs.d",
    "/etc/containers/certs.d",
  ];
}

/** @throws HiveError "usage" when the file can't be read. */
export async function readAuthority(cwd: string, path: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (error) {
    throw unreadableFile(path, error, { kind: "usage" });
  }
}
