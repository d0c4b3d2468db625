import { resolve } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { authfileCredentials } from "../../credentials/authfile-credentials.ts";
import type { CredentialLookup } from "../../credentials/credential-lookup.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import { isRepositoryName } from "../../oci/reference.ts";
import { mirrorPrefix } from "../../oci/mirror-prefix.ts";
import type { Mirror } from "../../registry/upstream/upstream.ts";
import type { ServerSettings } from "../../server/server-settings.ts";
import type { App } from "../app.ts";
import { listOf, numberOf } from "../arguments.ts";
import { findAuthority } from "../find-authority.ts";
import { readDuration } from "../read-value.ts";
import { openUpstream } from "./open-upstream.ts";

type MirrorFlags = {
  readonly mirror?: string | undefined;
  readonly "mirror-ttl": string;
  readonly "mirror-authfile"?: string | undefined;
  readonly "mirror-downloads": string;
};

/** The registries that copies are kept of, `NAME[=URL]`. Nothing is asked yet. @throws HiveError "usage" */
export function readMirrors(
  app: App,
  flags: MirrorFlags,
): Pick<ServerSettings, "mirrors" | "mirrorSettings"> {
  const mirrors = new Map<string, Mirror>();
  for (const text of listOf(flags.mirror)) {
    const [, name = "", url] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const prefix = mirrorPrefix(name);
    if (!isRepositoryName(prefix) || prefix.includes("/") || url === "") {
      const shown = text.includes("@") ? "what was given" : `"${text}"`;
      throw new HiveError("usage", `Cannot use ${shown} as a mirror`, {
        hint: "Write the name of a registry, and its address where that is another: docker.io or docker.io=https://cache.acme.test.",
      });
    }
    if (mirrors.has(prefix)) {
      throw new HiveError("usage", `Cannot mirror ${name} twice`, {
        hint: "Give each registry one address.",
      });
    }
    const upstream = openUpstream({
      address: url ?? name,
      credential: async (host) => await lookup(app, flags)(host),
      certificateAuthority: async (host) => await findAuthority(app.env, host),
    });
    mirrors.set(prefix, { name: name.toLowerCase(), upstream });
  }
  return {
    mirrors: [...mirrors.values()],
    mirrorSettings: {
      ttl: readDuration("mirror-ttl", flags["mirror-ttl"]),
      downloads: numberOf("mirror-downloads", flags["mirror-downloads"], 1),
    },
  };
}

/** A new one each time: what was stored may have changed. */
function lookup({ env, cwd }: App, { "mirror-authfile": file }: MirrorFlags): CredentialLookup {
  // The signal of the command is that of its end, while requests are still answered.
  const { signal } = new AbortController();
  return file === undefined
    ? homeCredentials(env, { signal })
    : authfileCredentials(resolve(cwd, file), { env, signal });
}
