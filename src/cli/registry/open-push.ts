import { HiveError } from "../../base/hive-error.ts";
import type { CredentialLookup } from "../../credentials/credential-lookup.ts";
import { homeCredentials } from "../../credentials/home-credentials.ts";
import type { Project } from "../../project/project.ts";
import { openRegistry, type RemoteRegistry } from "../../remote/open-registry.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import type { App } from "../app.ts";
import { findTargetRegistry, type TargetRegistry } from "../find-target-registry.ts";
import { authorityFor } from "./authority-for.ts";
import { chooseCredential } from "./choose-credential.ts";
import { connectionFlags } from "./connection-flags.ts";
import { credentialFlags, type CredentialFlags } from "./credential-flags.ts";
import { findCredential } from "./find-credential.ts";
import { refuseProduction } from "./refuse-production.ts";

/** Whether a build pushes, and where to. */
export const pushFlags = {
  push: {
    type: "boolean",
    description:
      "Push what is built to a registry, and nothing into .hive/ (default: in CI, where a registry is configured); --no-push keeps it here",
  },
  registry: {
    type: "string",
    valueHint: "address",
    description:
      "Push there: host[:port][/path] or a name of hive.yml (default: CONTAINER_HIVE_REGISTRY, BUILDKITE_HOSTED_REGISTRY_URL, hive.yml)",
  },
  ...connectionFlags,
  ...credentialFlags,
} as const;

export type PushFlags = CredentialFlags & {
  readonly push?: boolean | undefined;
  readonly registry?: string | undefined;
  readonly "ca-cert"?: string | undefined;
  readonly "plain-http"?: boolean | undefined;
};

/** A registry that takes what is built. */
export type PushTarget = {
  readonly registry: RemoteRegistry;
  readonly prefix: string;
  /** Whether it speaks plain HTTP though it is not on loopback. */
  readonly insecure: boolean;
  readonly dockerMediaTypes: boolean;
  /** `registry.example.com/team`. */
  readonly place: string;
  /** What to write behind `--registry` to name it again. */
  readonly flag: string;
  readonly origin: string;
  /** What to show to registries: to this one what the flags say, to others what logins stored. */
  readonly credentials: CredentialLookup;
};

/**
 * Where a build is to push; undefined when it is not to. Nothing is sent yet.
 * @throws HiveError "usage" also for a registry that is not to be built into
 */
export async function openPush(
  app: App,
  flags: PushFlags,
  project: Project,
): Promise<PushTarget | undefined> {
  const target = findPush(app, flags, project);
  if (target === undefined) return undefined;
  const { address, prefix, origin, named } = target;
  const { host } = parseRegistryAddress(address);
  const repository = prefix || undefined;
  const credential = await findCredential(app, chooseCredential(app, flags), { host, repository });
  const stored = homeCredentials(app.env, { signal: app.signal });
  const registry = openRegistry({
    address,
    credential,
    certificateAuthority: await authorityFor(app, flags, address),
    plainHttp: flags["plain-http"] === true,
    signal: app.signal,
  });
  const isPlain = registry.origin.startsWith("http:");
  const place = prefix === "" ? host : `${host}/${prefix}`;
  return {
    registry,
    prefix,
    insecure: isPlain && !parseRegistryAddress(registry.origin).loopback,
    dockerMediaTypes: project.registry.dockerMediaTypes ?? host === "docker.io",
    place,
    flag: named?.name ?? place,
    origin,
    credentials: async (asked, part) =>
      hostOf(asked) === host ? credential : await stored(asked, part),
  };
}

/** A daemon knows Docker Hub by the name of its API. */
function hostOf(asked: string): string {
  return parseRegistryAddress(asked).host;
}

function findPush(app: App, flags: PushFlags, project: Project): TargetRegistry | undefined {
  if (flags.push === false) return undefined;
  const push = flags.push === true;
  const target = findTargetRegistry(app, flags.registry, project, { push });
  if (target !== undefined) refuseProduction(target, project);
  else if (push) {
    throw new HiveError("usage", "Cannot push: no registry is named", {
      hint: "Write --registry=host[:port][/path], or name one in hive.yml: registry: { address: ... }",
    });
  }
  return target;
}
