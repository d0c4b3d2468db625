import { HiveError } from "../../base/hive-error.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";
import { findTargetRegistry, type TargetRegistry } from "../find-target-registry.ts";
import { unknownRegistry } from "../unknown-registry.ts";

type NamedTarget = TargetRegistry & { readonly name: string };

/** From which registry of hive.yml to which one, and on what conditions. */
export type PromotionRoute = {
  readonly from: NamedTarget;
  readonly to: NamedTarget;
  readonly require: readonly string[];
};

/**
 * The registries of a promotion. Only names of hive.yml count: conditions stand there, and an address would pass them by.
 * @throws HiveError "usage" for what is not named there, "policy" for a way that hive.yml does not allow
 */
export function findPromotionRoute(
  app: App,
  project: Project,
  flags: { readonly from?: string | undefined; readonly to?: string | undefined },
): PromotionRoute {
  const to = named(app, project, flags.to ?? onlyProduction(project), "to");
  const { promoteFrom, require } = to.named.settings;
  const [only] = promoteFrom;
  const from = named(
    app,
    project,
    flags.from ?? (promoteFrom.length === 1 ? only : undefined),
    "from",
  );
  if (from.name === to.name) {
    throw new HiveError("usage", `Cannot promote from "${from.name}" to itself`, {
      hint: "Name two registries of hive.yml, with --from and --to.",
    });
  }
  if (!promoteFrom.includes(from.name)) {
    const names = promoteFrom.map((name) => `"${name}"`).join(" and ");
    throw new HiveError("policy", `Cannot promote from "${from.name}" to "${to.name}"`, {
      hint:
        names === ""
          ? `hive.yml lets nothing be promoted there: add promote_from to the registry "${to.name}".`
          : `hive.yml allows promotion to "${to.name}" from ${names} only.`,
    });
  }
  return { from, to, require };
}

function onlyProduction({ registries }: Project): string | undefined {
  const names = [...registries].flatMap(([name, { role }]) => (role === "prod" ? [name] : []));
  return names.length === 1 ? names[0] : undefined;
}

function named(
  app: App,
  project: Project,
  name: string | undefined,
  flag: "from" | "to",
): NamedTarget & { readonly named: NonNullable<TargetRegistry["named"]> } {
  const { registries } = project;
  if (name === undefined || !registries.has(name)) {
    const hint =
      registries.size === 0
        ? "Name registries and their roles under `registries` in hive.yml."
        : `Name one with --${flag}: ${[...registries.keys()].join(", ")}.`;
    if (name !== undefined) throw unknownRegistry(name, registries, hint);
    throw new HiveError("usage", `No registry to promote ${flag}`, { hint });
  }
  const target = findTargetRegistry(app, name, project);
  if (target?.named === undefined) throw new Error(`Internal error: no registry "${name}"`);
  return { ...target, name, named: target.named };
}
