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
import { dockerMediaTypes } from "./docker-media-types.ts";
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
} as const;

/** How to talk to that registry. */
export const pushAccessFlags = { ...connectionFlags, ...credentialFlags } as const;

type PushFlags = {
  readonly push?: boolean | undefined;
  readonly registry?: string | undefined;
};

type AccessFlags = CredentialFlags & {
  readonly "ca-cert"?: string | undefined;
  readonly "plain-http"?: boolean | undefined;
};

/** Where a build is to push. */
export type PushPlace = TargetRegistry & {
  /** `registry.example.com/team`. */
  readonly place: string;
  /** What to write behind `--registry` to name it again. */
  readonly flag: string;
};

/** A registry that takes what is built. */
export type PushTarget = PushPlace & {
  readonly registry: RemoteRegistry;
  /** Whether it speaks plain HTTP though it is not on loopback. */
  readonly insecure: boolean;
  readonly dockerMediaTypes: boolean;
  /** What to show to registries: to this one what the flags say, to others what logins stored. */
  readonly credentials: CredentialLookup;
};

/**
 * Where a build is to push; undefined when it is not to.
 * @throws HiveError "usage" also for a registry that is not to be built into
 */
export function findPush(
  app: Pick<App, "env">,
  { push, registry }: PushFlags,
  project: Project,
): PushPlace | undefined {
  if (push === false) return undefined;
  const target = findTargetRegistry(app, registry, project, { push: push === true });
  if (target !== undefined) {
    refuseProduction(target, project);
    const { host } = parseRegistryAddress(target.address);
    const place = target.prefix === "" ? host : `${host}/${target.prefix}`;
    return { ...target, place, flag: target.named?.name ?? place };
  }
  if (push !== true) return undefined;
  throw new HiveError("usage", "Cannot push: no registry is named", {
    hint: "Write --registry=host[:port][/path], or name one in hive.yml: registry: { address: ... }",
  });
}

/** The registry, with what to show to it. Nothing is sent yet. @throws HiveError "usage", "unauthorized" */
export async function openPush(
  app: App,
  flags: AccessFlags,
  place: PushPlace,
  project: Project,
): Promise<PushTarget> {
  const { address, prefix } = place;
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
  return {
    ...place,
    registry,
    insecure: isPlain && !parseRegistryAddress(registry.origin).loopback,
    dockerMediaTypes: dockerMediaTypes(project, host),
    credentials: async (asked, part) =>
      // A daemon knows Docker Hub by the name of its API.
      parseRegistryAddress(asked).host === host ? credential : await stored(asked, part),
  };
}
