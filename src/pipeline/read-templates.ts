import { readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { HiveError } from "../base/hive-error.ts";
import { createSourceText, type SourceText } from "../base/source-text.ts";
import { isMissingFile } from "../base/system-error.ts";
import { readSource } from "../project/read-source.ts";
import { builtInTemplates } from "./built-in-templates.ts";
import type { Provider } from "./pipeline.ts";

const suffix = ".gotpl";

/** Where a project's own templates for a system are, relative to its root. */
export function templateDirectory(provider: Provider): string {
  return join("templates", "ci", provider);
}

/** The built-in templates of a system, with those of the project in their places. @throws HiveError "usage" */
export async function readTemplates(
  root: string,
  provider: Provider,
): Promise<{ readonly sources: Map<string, SourceText>; readonly own: ReadonlySet<string> }> {
  const sources = new Map(
    Object.entries(builtInTemplates[provider]).map(([name, text]) => [
      name,
      createSourceText(`hive's own ${provider}/${name}${suffix}`, text),
    ]),
  );
  const own = await readDirectory(root, join(root, templateDirectory(provider)));
  for (const [name, source] of own) sources.set(name, source);
  return { sources, own: new Set(own.keys()) };
}

/** All templates of a directory by their names without `.gotpl`; none where there is no directory. @throws HiveError "usage" */
export async function readDirectory(
  root: string,
  directory: string,
): Promise<Map<string, SourceText>> {
  const findings: Diagnostic[] = [];
  const sources = new Map<string, SourceText>();
  const files = {
    root,
    inside: [await realpath(root)],
    report: (finding: Diagnostic): void => void findings.push(finding),
    lenient: false,
  };
  for (const entry of (await listed(directory)).toSorted()) {
    if (!entry.endsWith(suffix) || entry === suffix) continue;
    const source = await readSource(join(directory, entry), files);
    if (source !== undefined) sources.set(entry.slice(0, -suffix.length), source);
  }
  if (findings.length === 0) return sources;
  throw new HiveError("usage", "Cannot read the templates", { diagnostics: findings });
}

async function listed(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw error;
  }
}
