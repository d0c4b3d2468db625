import { didYouMean } from "../base/closest.ts";
import type { Diagnostic, Place } from "../base/diagnostic.ts";
import { shortList } from "../base/short-list.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import type { ResolvedReference } from "../dockerfile/resolve-references.ts";
import { formatPlatform, parsePlatform, type Platform } from "../oci/platform.ts";
import type { Graph, Node } from "./graph.ts";
import { readHiveReference, type HiveReference } from "./hive-reference.ts";

type FindOptions = {
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly report: (finding: Diagnostic) => void;
};

/**
 * Fills in the edges of every node: the `__hive__/` references of its Dockerfile, what an image it is built on holds
 * back behind ONBUILD, and `depends_on`.
 */
export function findDependencies(graph: Graph, options: FindOptions): void {
  for (const node of graph.nodes.values()) {
    const find = createFinder(graph, node, options);
    for (const reference of node.images) {
      const found = find.reference(reference);
      if (found === undefined || reference.origin !== "from") continue;
      for (const trigger of found.images) {
        if (trigger.onbuild) find.reference({ ...trigger, onbuild: false });
      }
    }
    for (const on of node.unit.image.dependsOn) find.dependsOn(on);
  }
}

type Finder = {
  /** Adds the edge for a reference; the node it leads to. */
  readonly reference: (reference: ResolvedReference) => Node | undefined;
  readonly dependsOn: (on: { readonly name: string; readonly place: Place }) => void;
};

function createFinder(graph: Graph, node: Node, { sources, report }: FindOptions): Finder {
  const seen = new Set<string>();
  const fail = (place: Place, finding: Finding): void => {
    report({ severity: "error", ...finding, place, lineText: lineOfPlace(sources, place) });
  };
  const add = (target: Node, place: Place, reference?: string): void => {
    const key = `${target.id} ${reference ?? ""}`;
    if (seen.has(key)) return;
    seen.add(key);
    const way = reference === undefined ? {} : { reference };
    node.dependencies.push({ target: target.id, ...way, place });
  };
  return {
    reference: ({ image, place, platform: written, onbuild }) => {
      const reference = readHiveReference(image);
      if (reference === undefined) return undefined;
      const platform = platformOf(written, node, (message) =>
        fail(place, { code: "HV2004", message }),
      );
      if (platform === undefined) return undefined;
      const target = lookUp(graph, reference, { platform, fail: (what) => fail(place, what) });
      // What stands behind ONBUILD is needed by the images built on this one, not by this one.
      if (target !== undefined && !onbuild) add(target, place, reference.text);
      return target;
    },
    dependsOn: ({ name, place }) => {
      const tags = graph.names.get(name);
      if (tags === undefined) {
        fail(place, unknownImage(name, graph));
        return;
      }
      const wanted = formatPlatform(node.platform);
      const targets = [...tags.values()].flatMap((platforms) => platforms.get(wanted) ?? []);
      const there = [...tags.values()].flatMap((platforms) => Array.from(platforms.keys()));
      if (targets.length === 0) fail(place, missingPlatform(name, wanted, new Set(there)));
      for (const target of targets) add(target, place);
    },
  };
}

function platformOf(
  written: string | undefined,
  node: Node,
  fail: (message: string) => void,
): Platform | undefined {
  if (written === undefined) return node.platform;
  try {
    return parsePlatform(written);
  } catch (error) {
    fail((error as SyntaxError).message);
    return undefined;
  }
}

type Finding = Pick<Diagnostic, "code" | "message" | "label" | "help">;

function lookUp(
  { names }: Graph,
  { name, tag, text }: HiveReference,
  { platform, fail }: { platform: Platform; fail: (finding: Finding) => void },
): Node | undefined {
  const tags = names.get(name);
  if (tags === undefined) {
    fail(unknownImage(name, { names }));
    return undefined;
  }
  // No tag means `latest` everywhere else; an image of the project has it when it is one of its tags.
  const platforms = tags.get(tag ?? "latest");
  if (platforms === undefined) {
    fail(tag === undefined ? missingTag(name, text, tags) : unknownTag(name, tag, tags));
    return undefined;
  }
  const wanted = formatPlatform(platform);
  const found = platforms.get(wanted);
  if (found === undefined) {
    fail(missingPlatform(`${name}:${tag ?? "latest"}`, wanted, new Set(platforms.keys())));
  }
  return found;
}

function unknownImage(name: string, { names }: Pick<Graph, "names">): Finding {
  return {
    code: "HV3001",
    message: `Unknown image "${name}": the project has none of this name`,
    label: didYouMean(name, names.keys()),
    help: names.size <= 10 ? `the images are ${[...names.keys()].join(", ")}` : undefined,
  };
}

function unknownTag(name: string, tag: string, tags: ReadonlyMap<string, unknown>): Finding {
  return {
    code: "HV3002",
    message: `Unknown tag "${tag}" of image "${name}"`,
    label: didYouMean(tag, tags.keys()),
    help: `the tags of ${name} are ${shortList([...tags.keys()])}`,
  };
}

function missingTag(name: string, text: string, tags: ReadonlyMap<string, unknown>): Finding {
  const [first = ""] = tags.keys();
  return {
    code: "HV3005",
    message: `Cannot resolve "__hive__/${text}": without a tag it means "latest", which image "${name}" does not have`,
    label: "name a tag",
    help: `write __hive__/${name}:${first}, or another of its tags: ${shortList([...tags.keys()])}`,
  };
}

function missingPlatform(what: string, wanted: string, there: ReadonlySet<string>): Finding {
  return {
    code: "HV3003",
    message: `Image "${what}" is not built for ${wanted}`,
    help: `it is built for ${shortList([...there])}; add ${wanted} to its platforms, or leave it out here`,
  };
}
