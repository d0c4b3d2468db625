import type { Plan } from "./plan.ts";

/**
 * The plan as a graph in the DOT language, an arrow from a target to what it needs; those asked for have a thick border.
 * {@link https://graphviz.org/doc/info/lang.html}
 */
export function renderDot({ targets }: Plan): string {
  const nodes = targets.map(
    ({ id, requested }) => `  ${quote(id)}${requested ? " [penwidth=2]" : ""};`,
  );
  const edges = targets.flatMap(({ id, dependencies }) =>
    dependencies.map(({ target }) => `  ${quote(id)} -> ${quote(target)};`),
  );
  return ["digraph hive {", "  node [shape=box];", ...nodes, ...new Set(edges), "}"].join("\n");
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
