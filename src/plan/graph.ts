import type { References } from "../dockerfile/find-references.ts";
import type { ResolvedReference } from "../dockerfile/resolve-references.ts";
import type { Dockerfile } from "../dockerfile/dockerfile.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import type { Dependency, TargetId } from "./plan.ts";
import type { Unit } from "./expand-units.ts";

/** A target while its edges are being found. */
export type Node = {
  readonly id: TargetId;
  readonly unit: Unit;
  readonly platform: Platform;
  readonly dockerfile: ParsedDockerfile;
  readonly buildArgs: Readonly<Record<string, string>>;
  /** The images that its Dockerfile uses. */
  readonly images: readonly ResolvedReference[];
  readonly dependencies: Dependency[];
};

/** Parsed once, however many targets build it. */
export type ParsedDockerfile = {
  readonly dockerfile: Dockerfile;
  readonly references: References;
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
