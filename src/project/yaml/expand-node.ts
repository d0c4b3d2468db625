import { type Environment, environmentValue } from "../../base/environment.ts";
import { diagnosticAt } from "../../base/source-text.ts";
import type { YamlFile } from "./yaml-file.ts";
import type { YamlEntry, YamlNode } from "./yaml-node.ts";

/** The node at `path` with `${VAR}` replaced in all its text. What can't be replaced is reported, and null. */
export function expandNode(
  file: YamlFile,
  node: YamlNode,
  { path, environment }: { readonly path: string; readonly environment: Environment },
): YamlNode {
  if (node.kind === "map") {
    const entries = [...node.entries].map(([key, entry]): [string, YamlEntry] => {
      const value = expandNode(file, entry.value, { path: `${path}.${key}`, environment });
      return [key, { ...entry, value }];
    });
    return { ...node, entries: new Map(entries) };
  }
  if (node.kind === "list") {
    const items = node.items.map((item, index) =>
      expandNode(file, item, { path: `${path}[${index}]`, environment }),
    );
    return { ...node, items };
  }
  if (node.kind === "null" || !node.value.includes("${")) return node;
  try {
    return { ...node, value: expandVariables(node.value, environment) };
  } catch (error) {
    const message = `Cannot read "${path}": ${(error as SyntaxError).message}`;
    const help = "set it, or give it a default: ${NAME:-default}";
    file.report(
      diagnosticAt(file.source, node.range, { code: "HV1020", severity: "error", message, help }),
    );
    return { kind: "null", range: node.range };
  }
}

/**
 * `text` with `${VAR}` and `${VAR:-default}` replaced; an empty variable counts as unset for the default.
 * @throws SyntaxError naming the variable that is neither set nor has a default.
 */
function expandVariables(text: string, environment: Environment): string {
  return text.replaceAll(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_, name: string, fallback: string | undefined) => {
      const value = environmentValue(environment, name);
      if (fallback !== undefined) return value === undefined || value === "" ? fallback : value;
      if (value === undefined) throw new SyntaxError(`environment variable ${name} is not set`);
      return value;
    },
  );
}
