import type { Diagnostic } from "../base/diagnostic.ts";
import { HiveError } from "../base/hive-error.ts";
import { sortDiagnostics } from "../base/sort-diagnostics.ts";
import { lineTextAt, type SourceText } from "../base/source-text.ts";
import { findReferences } from "../dockerfile/find-references.ts";
import { parseDockerfile } from "../dockerfile/parse-dockerfile.ts";
import { resolveReferences } from "../dockerfile/resolve-references.ts";
import { formatPlatform, platformSlug, type Platform } from "../oci/platform.ts";
import type { Project, Setting } from "../project/project.ts";
import { automaticLabels } from "./automatic-labels.ts";
import { buildArgsFor } from "./build-args.ts";
import { expandUnits, type Unit } from "./expand-units.ts";
import { findCycles } from "./find-cycles.ts";
import { findDependencies } from "./find-dependencies.ts";
import { createGraph, targetIdOf, type Graph, type Node, type ParsedDockerfile } from "./graph.ts";
import { readHiveReference } from "./hive-reference.ts";
import { orderNodes } from "./order-nodes.ts";
import type { External, Plan, Target, TargetId } from "./plan.ts";
import { selectNodes } from "./select-nodes.ts";
import { type ProjectHistory, targetTimes } from "./target-times.ts";

export type PlanOptions = {
  /** The platform that the daemon runs on: `BUILDPLATFORM`, and the target where no list of platforms is written. */
  readonly nativePlatform: Platform;
  /** `name`, `name:tag`, globs, `+` behind it for all that depend on it; none select everything. */
  readonly select?: readonly string[];
  /** Build for these only; where no list of platforms is written, they are the list. */
  readonly platforms?: readonly Platform[];
  /** What git says of the project; without it no target has a time, and BuildKit's clock counts. */
  readonly history?: ProjectHistory;
};

/**
 * What a build of the selection does: its targets and all they need, in order. The whole project is checked, selected or not.
 * @throws HiveError usage with every finding: unknown images, tags and platforms, cycles; or a selection of nothing.
 */
export function createPlan(project: Project, options: PlanOptions): Plan {
  const { nativePlatform, select = [], platforms = [], history } = options;
  const findings: Diagnostic[] = [];
  const report = (finding: Diagnostic): void => void findings.push(finding);
  // The native platform is among them for what a `FROM --platform=$BUILDPLATFORM` may need; selection drops the rest.
  const units = expandUnits(project, uniquePlatforms([...platforms, nativePlatform]));
  const { nodes, undeclared } = createNodes(units, { nativePlatform, report });
  const graph = createGraph(nodes);
  findDependencies(graph, { sources: project.sources, report });
  const { ordered, stuck } = orderNodes(graph.nodes);
  if (stuck.length > 0) findings.push(...findCycles(stuck, project.sources));
  throwErrors(project, findings);
  const requested = selectNodes(graph, { patterns: select, platforms });
  const needed = withDependencies(graph, requested);
  const targets = ordered.filter(({ id }) => needed.has(id));
  const times = history === undefined ? undefined : targetTimes(ordered, history);
  return {
    root: project.root,
    targets: targets.map((node) => {
      const target = toTarget(node, requested.has(node.id));
      const time = times?.get(node.id);
      return {
        ...target,
        ...(time === undefined ? {} : { epoch: time.epoch }),
        tracked: time?.tracked ?? false,
        labels: {
          ...target.labels,
          ...automaticLabels(node.unit, project, { time, source: history?.source }),
        },
      };
    }),
    aliases: [],
    warnings: undeclaredWarnings(undeclared, { targets, sources: project.sources }),
  };
}

function uniquePlatforms(platforms: readonly Platform[]): Platform[] {
  const unique = new Map(platforms.map((platform) => [formatPlatform(platform), platform]));
  return [...unique.values()];
}

/** Which build arguments no Dockerfile declares, and which are declared somewhere. */
type Undeclared = {
  readonly missing: Map<Setting, { readonly name: string; readonly unit: Unit }>;
  readonly declared: Set<Setting>;
};

function createNodes(
  units: readonly Unit[],
  { nativePlatform, report }: { nativePlatform: Platform; report: (finding: Diagnostic) => void },
): { nodes: Node[]; undeclared: Undeclared } {
  const parsed = new Map<SourceText, ParsedDockerfile>();
  const undeclared: Undeclared = { missing: new Map(), declared: new Set() };
  const nodes = units.flatMap((unit) => {
    const { source } = unit.files.dockerfile;
    const dockerfile = parsed.get(source) ?? parseOnce(source, report);
    parsed.set(source, dockerfile);
    const { args, undeclared: unused } = buildArgsFor(
      unit.values,
      dockerfile.references.declaredArgs,
    );
    const unusedSettings = new Set(unused.map(({ setting }) => setting));
    for (const { name, setting } of unused) undeclared.missing.set(setting, { name, unit });
    for (const setting of unit.values.buildArgs.values()) {
      if (!unusedSettings.has(setting)) undeclared.declared.add(setting);
    }
    return unit.platforms.map((platform): Node => {
      const { images, problems } = resolveReferences(dockerfile.dockerfile, dockerfile.references, {
        buildArgs: args,
        targetPlatform: platform,
        buildPlatform: nativePlatform,
      });
      for (const problem of problems) report(problem);
      const id = targetIdOf(unit.reference, platform);
      return { id, unit, platform, dockerfile, buildArgs: args, images, dependencies: [] };
    });
  });
  return { nodes, undeclared };
}

function parseOnce(source: SourceText, report: (finding: Diagnostic) => void): ParsedDockerfile {
  const dockerfile = parseDockerfile(source);
  for (const problem of dockerfile.problems) report(problem);
  return { dockerfile, references: findReferences(dockerfile) };
}

function throwErrors(project: Project, findings: readonly Diagnostic[]): void {
  const sorted = sortDiagnostics(findings);
  if (sorted.length === 0) return;
  const count = sorted.length === 1 ? "an error" : `${sorted.length} errors`;
  throw new HiveError("usage", `Cannot plan the project in "${project.root}": it has ${count}`, {
    diagnostics: sorted,
  });
}

function withDependencies(graph: Graph, requested: ReadonlySet<TargetId>): Set<TargetId> {
  const needed = new Set(requested);
  // A Set iterates over what is added meanwhile.
  for (const id of needed) {
    for (const { target } of graph.nodes.get(id)?.dependencies ?? []) needed.add(target);
  }
  return needed;
}

function externalsOf({ images }: Node): External[] {
  const named = images.filter(
    ({ image, onbuild }) => !onbuild && readHiveReference(image) === undefined,
  );
  return [...new Set(named.map(({ image }) => image))].map((reference) => ({ reference }));
}

function toTarget(node: Node, requested: boolean): Omit<Target, "tracked"> {
  const { unit, platform } = node;
  const { image, files, values } = unit;
  return {
    id: node.id,
    name: image.name,
    tag: unit.tag,
    reference: unit.reference,
    platform,
    ...(unit.variant === undefined ? {} : { variant: unit.variant }),
    requested,
    dockerfile: { file: files.dockerfile.source.file, text: files.dockerfile.source.text },
    context: {
      directory: image.files.directory,
      dockerfile: files.dockerfile.path,
      rootfs: unit.rootfs,
      exclude: image.exclude,
      rendered: {},
    },
    buildArgs: node.buildArgs,
    labels: Object.fromEntries([...values.labels].map(([name, { value }]) => [name, value])),
    secrets: [],
    settings: { contexts: {}, ssh: {}, noCache: false, pull: false, entitlements: [] },
    cacheScopes: { own: `${image.name}.${unit.tag}.${platformSlug(platform)}`, siblings: [] },
    externals: externalsOf(node),
    dependencies: node.dependencies,
  };
}

function undeclaredWarnings(
  { missing, declared }: Undeclared,
  { targets, sources }: { targets: readonly Node[]; sources: ReadonlyMap<string, SourceText> },
): Diagnostic[] {
  const planned = new Set(targets.map(({ unit }) => unit.image));
  const warnings: Diagnostic[] = [];
  for (const [setting, { name, unit }] of missing) {
    if (declared.has(setting) || !planned.has(unit.image)) continue;
    const source = sources.get(setting.place.file);
    warnings.push({
      code: "HV2002",
      severity: "warning",
      message: `Build argument "${name}" is not used: "${unit.files.dockerfile.source.file}" has no ARG of this name`,
      place: setting.place,
      lineText: source && lineTextAt(source, setting.place.line),
      help: `add ARG ${name} to the Dockerfile, or remove it here`,
    });
  }
  return sortDiagnostics(warnings);
}
