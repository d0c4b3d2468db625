import type { Diagnostic } from "../base/diagnostic.ts";
import { sortDiagnostics } from "../base/sort-diagnostics.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { ImageDefinition, Project } from "../project/project.ts";
import { contextFiles } from "../render/create-renderer.ts";
import { expandUnits } from "../render/expand-units.ts";
import { writtenLines } from "../render/rendered-file.ts";
import { findAliases } from "./aliases.ts";
import { automaticLabels } from "./automatic-labels.ts";
import { createCacheScopes } from "./cache-scopes.ts";
import { imagePrefix } from "./context-value.ts";
import { createNodes } from "./create-nodes.ts";
import { findCycles } from "./find-cycles.ts";
import { findDependencies } from "./find-dependencies.ts";
import { createGraph, type Graph, type Node } from "./graph.ts";
import { readHiveReference } from "./hive-reference.ts";
import { nameWarnings } from "./name-warnings.ts";
import { orderNodes } from "./order-nodes.ts";
import type { CacheScopes, External, Plan, Target, TargetId } from "./plan.ts";
import { selectNodes } from "./select-nodes.ts";
import { targetSettings } from "./target-settings.ts";
import { type ProjectHistory, targetTimes, type TargetTime } from "./target-times.ts";
import { throwFindings } from "./throw-findings.ts";

export type PlanOptions = {
  /** The platform that the daemon runs on: `BUILDPLATFORM`, and the target where no list of platforms is written. */
  readonly nativePlatform: Platform;
  /** What `BUILDPLATFORM` is in targets of a platform, where daemons of several platforms build. */
  readonly buildPlatforms?: BuildPlatforms;
  /** `name`, `name:tag`, globs, `+` behind it for all that depend on it; none select everything. */
  readonly select?: readonly string[];
  /** Build for these only; where no list of platforms is written, they are the list. */
  readonly platforms?: readonly Platform[];
  /** What git says of the project; without it no target has a time, and BuildKit's clock counts. */
  readonly history?: ProjectHistory;
};

export type BuildPlatforms = {
  readonly of: (target: Platform) => Platform;
  /** All that it may be. */
  readonly all: readonly Platform[];
};

/**
 * What a build of the selection does: its targets and all they need, in order. The whole project is checked, selected or not.
 * @throws HiveError usage with every finding: unknown images, tags and platforms, cycles; or a selection of nothing.
 */
export function createPlan(project: Project, options: PlanOptions): Plan {
  const { nativePlatform, buildPlatforms, select = [], platforms = [], history } = options;
  const findings: Diagnostic[] = [];
  const report = (finding: Diagnostic): void => void findings.push(finding);
  // The native platforms are among them for what a `FROM --platform=$BUILDPLATFORM` may need; selection drops the rest.
  const fallback = [...platforms, nativePlatform, ...(buildPlatforms?.all ?? [])];
  const units = expandUnits(project, uniquePlatforms(fallback));
  const { nodes, warnings } = createNodes(project, units, {
    buildPlatformOf: buildPlatforms?.of ?? (() => nativePlatform),
    now: ({ image }) => templateTime(image, history),
    report,
  });
  const graph = createGraph(nodes);
  findDependencies(graph, { sources: project.sources, report });
  const { ordered, stuck } = orderNodes(graph.nodes);
  if (stuck.length > 0) findings.push(...findCycles(stuck, project.sources));
  const named = findAliases(project);
  findings.push(...named.findings.filter(({ severity }) => severity === "error"));
  throwFindings(project, findings);
  const requested = selectNodes(graph, { patterns: select, platforms, nativePlatform });
  const needed = withDependencies(graph, requested);
  const targets = ordered.filter(({ id }) => needed.has(id));
  const planned = new Set(targets.map(({ unit }) => unit.image));
  const cacheScopesOf = createCacheScopes(graph);
  const times = history === undefined ? undefined : targetTimes(ordered, history);
  return {
    root: project.root,
    targets: targets.map((node) =>
      toTarget(node, graph, {
        requested: requested.has(node.id),
        project,
        time: times?.get(node.id),
        source: history?.source,
        cacheScopes: cacheScopesOf(node),
      }),
    ),
    ...(project.cache === undefined ? {} : { cache: project.cache }),
    aliases: named.aliases,
    warnings: sortDiagnostics([
      ...warnings(planned),
      ...nameWarnings(graph, { planned, sources: project.sources }),
      ...named.findings.filter(({ severity }) => severity === "warning"),
    ]),
  };
}

// `now` in templates: when the image was changed last, so that the same files are rendered to the same text.
function templateTime({ files }: ImageDefinition, history: ProjectHistory | undefined): Date {
  const commit = history?.directories.get(files.directory) ?? history?.project;
  return new Date((history?.epoch ?? commit?.time ?? 0) * 1000);
}

function uniquePlatforms(platforms: readonly Platform[]): Platform[] {
  const unique = new Map(platforms.map((platform) => [formatPlatform(platform), platform]));
  return [...unique.values()];
}

function withDependencies(graph: Graph, requested: ReadonlySet<TargetId>): Set<TargetId> {
  const needed = new Set(requested);
  // A Set iterates over what is added meanwhile.
  for (const id of needed) {
    for (const { target } of graph.nodes.get(id)?.dependencies ?? []) needed.add(target);
  }
  return needed;
}

function externalsOf(
  { images, contexts, dependencies }: Node,
  graph: Graph,
  pins: Project["pins"],
): External[] {
  // What a parent holds back behind ONBUILD is pulled here.
  const triggered = dependencies.flatMap(({ target }) => graph.nodes.get(target)?.images ?? []);
  const used = [
    ...images.filter(({ onbuild }) => !onbuild),
    ...triggered.filter(({ onbuild }) => onbuild),
  ];
  const named = used.filter(({ image }) => readHiveReference(image) === undefined);
  const pulled = [...contexts.values()].flatMap(({ value }) =>
    value.startsWith(imagePrefix) ? [value.slice(imagePrefix.length)] : [],
  );
  const references = new Set([...named.map(({ image }) => image), ...pulled]);
  return [...references].map((reference) => {
    const digest = pins?.get(reference);
    return digest === undefined ? { reference } : { reference, digest };
  });
}

type TargetOptions = {
  readonly requested: boolean;
  readonly project: Project;
  readonly time: TargetTime | undefined;
  /** Where the project's repository comes from. */
  readonly source: string | undefined;
  readonly cacheScopes: CacheScopes;
};

function toTarget(
  node: Node,
  graph: Graph,
  { requested, project, time, source, cacheScopes }: TargetOptions,
): Target {
  const { unit, platform } = node;
  const { image, files, values } = unit;
  const { dockerfile } = node.files;
  return {
    id: node.id,
    name: image.name,
    tag: unit.tag,
    reference: unit.reference,
    platform,
    listedPlatforms: unit.platformsListed ? unit.platforms : [],
    ...(unit.variant === undefined ? {} : { variant: unit.variant }),
    requested,
    dockerfile: {
      file: dockerfile.source.file,
      text: dockerfile.source.text,
      ...(dockerfile.file.isTemplate ? { lines: writtenLines(dockerfile) } : {}),
    },
    context: {
      directory: image.files.directory,
      dockerfile: files.dockerfile.path,
      rootfs: unit.rootfs,
      exclude: image.exclude,
      rendered: contextFiles(node.files),
      ...(time?.tracked === true ? { tracked: true } : {}),
    },
    buildArgs: node.buildArgs,
    labels: {
      ...Object.fromEntries([...values.labels].map(([name, { value }]) => [name, value])),
      ...automaticLabels(unit, project, { time, source }),
    },
    ...(time === undefined ? {} : { epoch: time.epoch }),
    secrets: [...image.secrets].map(([id, secret]) => ({ id, ...secret })),
    settings: targetSettings(unit.build, node.contexts),
    cacheScopes,
    externals: externalsOf(node, graph, project.pins),
    dependencies: node.dependencies,
  };
}
