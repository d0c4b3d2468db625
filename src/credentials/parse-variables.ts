import { HiveError } from "../base/hive-error.ts";

/** A name, and what stands behind the equals sign: `export ` before it is what shells need. */
const assignment = /^(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/;

/** In quotes, then at most a comment. */
const quoted = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\s*(?:#.*)?$/;

/**
 * Reads `KEY=value` lines, with comments and quotes. Nothing is expanded: a dollar sign is one. The last of a name counts.
 * @param path For messages, which show no line.
 * @throws HiveError "usage"
 */
export function parseVariables(text: string, path: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [index, written] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = written.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [, name, rest = ""] = assignment.exec(line) ?? [];
    const value = valueOf(rest);
    if (name === undefined || value === undefined) {
      throw new HiveError(
        "usage",
        `Cannot read line ${index + 1} of "${path}": it is no KEY=value`,
        {
          hint: "Write KEY=value, with quotes around it if need be, and comments behind a #.",
        },
      );
    }
    values.set(name, value);
  }
  return values;
}

function valueOf(text: string): string | undefined {
  if (/^['"]/.test(text)) {
    const [, single, double] = quoted.exec(text) ?? [];
    return single ?? double?.replace(/\\(["\\$`])/g, "$1");
  }
  // A comment begins behind a space: passwords have signs in them.
  return text.replace(/(?:^|\s+)#.*$/, "").trim();
}
