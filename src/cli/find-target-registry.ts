import type { Environment } from "../base/environment.ts";
import { HiveError } from "../base/hive-error.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { detectCi } from "../progress/terminal.ts";
import type { Project } from "../project/project.ts";
import type { App } from "./app.ts";
import type { FoundRegistry } from "./find-named-registry.ts";
import { unknownRegistry } from "./unknown-registry.ts";

/** A registry, and where in it the project's images are. */
export type TargetRegistry = {
  /** `[http://|https://]host[:port]`. */
  readonly address: string;
  /** `team` of `registry.example.com/team`; empty when there is none. */
  readonly prefix: string;
  /** What says that it is this one: `--registry`, the name of a variable, `registry.address in hive.yml`. */
  readonly origin: string;
  /** Its name in hive.yml, and what is said of it there. */
  readonly named?: FoundRegistry;
};

type FindOptions = {
  /** Whether writing to a registry was asked for, whichever it is. */
  readonly push?: boolean;
};

/**
 * The registry that a command writes to when one is asked for: the flag (or HIVE_REGISTRY), which may be a name of `registries`
 * in hive.yml, then CONTAINER_HIVE_REGISTRY, then BUILDKITE_HOSTED_REGISTRY_URL; in CI, or where writing was asked for, also
 * `registry.address` of hive.yml, then the only registry of role `ci`. Undefined: none, nothing leaves the machine.
 * @throws HiveError "usage" for what is no address
 */
export function findTargetRegistry(
  { env }: Pick<App, "env">,
  flag: string | undefined,
  { registries, registry }: Pick<Project, "registries" | "registry">,
  { push = false }: FindOptions = {},
): TargetRegistry | undefined {
  if (flag !== undefined && isBareName(flag) && !registries.has(flag)) {
    throw unknownRegistry(flag, registries, `A host needs its port: ${flag}:443.`);
  }
  const isMeant = push || detectCi(env) !== undefined;
  const found: Found | undefined =
    asked(env, flag) ?? (isMeant ? inProject(registries, registry) : undefined);
  if (found === undefined) return undefined;
  const { value, origin } = found;
  // What is written as an address is one: a project must not call another registry by the name of yours.
  const settings = found.isName === true || isBareName(value) ? registries.get(value) : undefined;
  return {
    ...readAddress(settings?.address ?? value),
    origin,
    ...(settings === undefined ? {} : { named: { name: value, settings } }),
  };
}

type Found = { readonly value: string; readonly origin: string; readonly isName?: boolean };

/** What the command line or the environment names. */
function asked(env: Environment, flag: string | undefined): Found | undefined {
  if (flag !== undefined) {
    return { value: flag, origin: env["HIVE_REGISTRY"] === flag ? "HIVE_REGISTRY" : "--registry" };
  }
  for (const origin of ["CONTAINER_HIVE_REGISTRY", "BUILDKITE_HOSTED_REGISTRY_URL"]) {
    const value = env[origin];
    if (value) return { value, origin };
  }
  return undefined;
}

/** What hive.yml names. */
function inProject(
  registries: Project["registries"],
  { address }: Project["registry"],
): Found | undefined {
  if (address !== undefined) return { value: address, origin: "registry.address in hive.yml" };
  const [only, ...more] = [...registries].filter(([, { role }]) => role === "ci");
  if (only === undefined || more.length > 0) return undefined;
  return { value: only[0], origin: `registries.${only[0]} in hive.yml`, isName: true };
}

/** Reads `[http://|https://]host[:port][/path]`. @throws HiveError "usage" */
export function readAddress(written: string): Pick<TargetRegistry, "address" | "prefix"> {
  const [, address = "", path = ""] = /^((?:https?:\/\/)?[^/]*)\/?(.*?)\/?$/i.exec(written) ?? [];
  if (address !== "" && (path === "" || isRepositoryName(path))) return { address, prefix: path };
  const shown = written.includes("@") ? "what was given" : `"${written}"`;
  throw new HiveError("usage", `Cannot use ${shown} as a registry`, {
    hint: "Write host[:port][/path], as registry.example.com:5000/team.",
  });
}

/** What can be a name of hive.yml, and is no host that anybody would write without its port. */
export function isBareName(text: string): boolean {
  return /^[\w-]+$/.test(text) && text !== "localhost";
}
