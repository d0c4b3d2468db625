import type { References } from "../dockerfile/find-references.ts";
import type { ResolvedReference } from "../dockerfile/resolve-references.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { RenderedFiles } from "../render/create-renderer.ts";
import type { Unit } from "../render/expand-units.ts";
import type { Dependency, TargetId } from "./plan.ts";
import type { NamedContexts } from "./read-contexts.ts";

/** A target while its edges are being found. */
export type Node = {
  readonly id: TargetId;
  readonly unit: Unit;
  readonly platform: Platform;
  readonly files: RenderedFiles;
  /** What its Dockerfile says, before any value is known. */
  readonly references: References;
  readonly contexts: NamedContexts;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The images that its Dockerfile uses, and those of the project that its contexts are; places are in the user's files. */
  readonly images: readonly ResolvedReference[];
  readonly dependencies: Dependency[];
};

/** All targets of a project, by what refers to them. */
export type Graph = {
  /** In the order of the project's files. */
  readonly nodes: ReadonlyMap<TargetId, Node>;
  /** Image name -> final tag -> platform -> node. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Node>>>;
};

/** `base:1.0 linux/amd64`. */
export function targetIdOf(reference: string, platform: Platform): TargetId {
  return `${reference} ${formatPlatform(platform)}` as TargetId;
}

/** Indexes nodes by name, tag and platform. */
export function createGraph(nodes: readonly Node[]): Graph {
  const names = new Map<string, Map<string, Map<string, Node>>>();
  for (const node of nodes) {
    const { image, tag } = node.unit;
    const tags = names.get(image.name) ?? new Map<string, Map<string, Node>>();
    const platforms = tags.get(tag) ?? new Map<string, Node>();
    names.set(image.name, tags.set(tag, platforms.set(formatPlatform(node.platform), node)));
  }
  return { nodes: new Map(nodes.map((node) => [node.id, node])), names };
}
