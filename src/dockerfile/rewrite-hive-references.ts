import { createSourceText } from "../base/source-text.ts";
import { variablesIn } from "./expand-word.ts";
import { findReferences, type References } from "./find-references.ts";
import type { LocatedText } from "./located-text.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

/** What stands before the name of an image of the same project. */
export const hivePrefix = "__hive__/";

/** A prefix that is valid in image references, of the same length: lines and columns stay. */
export const reservedPrefix = "hive-dep/";

/**
 * The Dockerfile for BuildKit, which rejects `__hive__/` as a name before it looks at named contexts.
 * Replaced only where it is an image reference: FROM, `--from=`, `--mount=...from=`, and the defaults of ARGs that a FROM uses.
 * @throws RangeError when `prefix` is not as long as `__hive__/`.
 */
export function rewriteHiveReferences(text: string, prefix: string = reservedPrefix): string {
  checkPrefix(prefix);
  const found = referencesIn(text);
  const used = argsInFrom(found);
  const words = [
    ...found.references.map(({ written }) => written),
    ...found.globalArgs.flatMap(({ name, value }) => (value && used.has(name.text) ? [value] : [])),
  ];
  const characters = text.split("");
  for (const word of words) replaceIn(word, prefix, characters);
  return characters.join("");
}

/** The build arguments for the rewritten Dockerfile `text`: `__hive__/` is replaced in those that a FROM uses. */
export function rewriteHiveArgs(
  text: string,
  buildArgs: Readonly<Record<string, string>>,
  prefix: string = reservedPrefix,
): Record<string, string> {
  checkPrefix(prefix);
  const used = argsInFrom(referencesIn(text));
  return Object.fromEntries(
    Object.entries(buildArgs).map(([name, value]) => [
      name,
      used.has(name) ? value.replaceAll(hivePattern, prefix.slice(0, -1)) : value,
    ]),
  );
}

/** A message of BuildKit's in the user's words: the prefix, with the default registry before it or not, becomes `__hive__/`. */
export function restoreHiveReferences(message: string, prefix: string = reservedPrefix): string {
  const name = RegExp.escape(prefix);
  return message.replaceAll(
    new RegExp(String.raw`(?<![\w./-])(?:docker\.io\/)?${name}`, "g"),
    hivePrefix,
  );
}

const hiveName = "__hive__";

// The name with its slash behind it, or at the end of a value that others put before one. Not inside of another name, as
// that would become a valid name of something else; the `-` of `${base:-__hive__/x}` is no part of a name.
const hivePattern = /(?<![\w./]|(?<!\$\{\w+:?)-)__hive__(?=$|[/"'}])/g;

function referencesIn(text: string): References {
  return findReferences(parseDockerfile(createSourceText("Dockerfile", text)));
}

function checkPrefix(prefix: string): void {
  if (prefix.length === hivePrefix.length && prefix.endsWith("/")) return;
  throw new RangeError(`Internal error: "${prefix}" can't stand for "${hivePrefix}"`);
}

function replaceIn({ text, offsets }: LocatedText, prefix: string, characters: string[]): void {
  for (const { index } of text.matchAll(hivePattern)) {
    for (let step = 0; step < hiveName.length; step++) {
      const offset = offsets[index + step];
      if (offset !== undefined) characters[offset] = prefix[step] ?? "";
    }
  }
}

// The ARGs whose values reach a FROM: those named in one, and those in their defaults.
function argsInFrom({ references, globalArgs }: References): Set<string> {
  const used = new Set<string>();
  const queue = references
    .filter(({ origin }) => origin === "from")
    .flatMap(({ written }) => variablesIn(written.text));
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    for (const arg of globalArgs) {
      if (arg.name.text === name && arg.value) queue.push(...variablesIn(arg.value.text));
    }
  }
  return used;
}
