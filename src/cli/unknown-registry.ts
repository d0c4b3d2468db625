import { nearHint } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import type { Project } from "../project/project.ts";

/** Says that hive.yml has no registry of a name. @param otherwise what to do where it has none that is nearly called so */
export function unknownRegistry(
  name: string,
  registries: Project["registries"],
  otherwise: string,
): HiveError {
  const hint = nearHint(name, registries.keys()) ?? otherwise;
  return new HiveError("usage", `hive.yml has no registry "${name}"`, { hint });
}
