import { didYouMean } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { isRepositoryName } from "../oci/reference.ts";
import { detectCi } from "../progress/terminal.ts";
import type { NamedRegistry, Project } from "../project/project.ts";
import type { App } from "./app.ts";

/** A registry, and where in it the project's images are. */
export type TargetRegistry = {
  /** `[http://|https://]host[:port]`. */
  readonly address: string;
  /** `team` of `registry.example.com/team`; empty when there is none. */
  readonly prefix: string;
  /** Its name in hive.yml, and what is said of it there. */
  readonly named?: { readonly name: string; readonly settings: NamedRegistry };
};

/**
 * The registry that a command writes to when one is asked for: the flag, which may be a name of `registries` in hive.yml,
 * then CONTAINER_HIVE_REGISTRY; in CI also `registry.address` of hive.yml. Undefined: none, nothing leaves the machine.
 * @throws HiveError "usage" for what is no address
 */
export function findTargetRegistry(
  { env }: App,
  flag: string | undefined,
  { registries, registry }: Pick<Project, "registries" | "registry">,
): TargetRegistry | undefined {
  const fromEnvironment = env["CONTAINER_HIVE_REGISTRY"] || undefined;
  const asked = flag ?? fromEnvironment;
  const inCi = detectCi(env) === undefined ? undefined : registry.address;
  if (flag !== undefined && isBareName(flag) && !registries.has(flag)) {
    const near = didYouMean(flag, registries.keys());
    throw new HiveError("usage", `hive.yml has no registry "${flag}"`, {
      hint: near === undefined ? `A host needs its port: ${flag}:443.` : `D${near.slice(1)}`,
    });
  }
  const written = asked === undefined ? inCi : (registries.get(asked)?.address ?? asked);
  if (written === undefined) return undefined;
  const [, address = "", path = ""] = /^((?:https?:\/\/)?[^/]*)\/?(.*?)\/?$/i.exec(written) ?? [];
  const settings = asked === undefined ? undefined : registries.get(asked);
  const named =
    asked === undefined || settings === undefined ? {} : { named: { name: asked, settings } };
  if (address !== "" && (path === "" || isRepositoryName(path)))
    return { address, prefix: path, ...named };
  const shown = written.includes("@") ? "what was given" : `"${written}"`;
  throw new HiveError("usage", `Cannot use ${shown} as a registry`, {
    hint: "Write host[:port][/path], as registry.example.com:5000/team.",
  });
}

/** What is more likely a name of hive.yml than a host. */
function isBareName(text: string): boolean {
  return /^[\w-]+$/.test(text) && text !== "localhost";
}
