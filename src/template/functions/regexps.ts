import type { Budget } from "../budget.ts";
import { fixed, type TemplateFunction } from "../function.ts";
import { compileRegexp, type Regexp } from "../regexp/compile-regexp.ts";
import { matchAll, matchRegexp, type Match } from "../regexp/match-regexp.ts";
import { list, listOrNil, type Value } from "../value.ts";

function replaced(
  pattern: string,
  text: string,
  budget: Budget,
  replacement: (match: Match, regexp: Regexp) => string,
): string {
  const regexp = compileRegexp(pattern);
  const parts: string[] = [];
  let at = 0;
  let length = text.length;
  for (const match of matchAll(regexp, text, -1, budget)) {
    const [start = 0, end = 0] = match;
    const piece = replacement(match, regexp);
    parts.push(text.slice(at, start), piece);
    length += piece.length;
    budget.checkText(length);
    at = end;
  }
  return parts.join("") + text.slice(at);
}

function group(match: Match, index: number, text: string): string {
  const start = match[2 * index] ?? -1;
  return start < 0 ? "" : text.slice(start, match[2 * index + 1]);
}

// `$1`, `$name`, `${name}` and `$$`; a name is as long as it can be.
function expand(template: string, match: Match, { names }: Regexp, text: string): string {
  return template.replace(
    /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (_, dollar: string | undefined, braced: string | undefined, bare: string | undefined) => {
      if (dollar !== undefined) return "$";
      const name = braced ?? bare ?? "";
      if (/^(?:0|[1-9]\d*)$/.test(name)) return group(match, Number(name), text);
      const index = names.findIndex((other, at) => other === name && (match[2 * at] ?? -1) >= 0);
      return index < 0 ? "" : group(match, index, text);
    },
  );
}

function split(pattern: string, text: string, count: number, budget: Budget): string[] {
  if (count === 0) return [];
  if (pattern !== "" && text === "") return [""];
  const pieces: string[] = [];
  let at = 0;
  let last = 0;
  for (const [start = 0, end = 0] of matchAll(compileRegexp(pattern), text, count, budget)) {
    if (count > 0 && pieces.length === count - 1) break;
    last = start;
    if (end !== 0) pieces.push(text.slice(at, start));
    at = end;
  }
  if (last !== text.length) pieces.push(text.slice(at));
  return pieces;
}

function findAll(pattern: string, text: string, count: number, budget: Budget): Value {
  const found = matchAll(compileRegexp(pattern), text, count, budget);
  return listOrNil(
    found.map((match) => group(match, 0, text)),
    "[]string",
  );
}

function matches(pattern: string, text: string, budget: Budget): boolean {
  return matchRegexp(compileRegexp(pattern), text, 0, budget) !== undefined;
}

const find = fixed(["string", "string"], ([pattern, text], { budget }) => {
  const match = matchRegexp(compileRegexp(pattern), text, 0, budget);
  return match === undefined ? "" : group(match, 0, text);
});
const all = fixed(["string", "string", "int"], ([pattern, text, count], { budget }) => {
  return findAll(pattern, text, count, budget);
});
const replaceAll = fixed(
  ["string", "string", "string"],
  ([pattern, text, template], { budget }) => {
    return replaced(pattern, text, budget, (match, regexp) =>
      expand(template, match, regexp, text),
    );
  },
);
const replaceLiteral = fixed(
  ["string", "string", "string"],
  ([pattern, text, literal], { budget }) => {
    return replaced(pattern, text, budget, () => literal);
  },
);
const splitFunction = fixed(["string", "string", "int"], ([pattern, text, count], { budget }) => {
  return list(split(pattern, text, count, budget), "[]string");
});

/** sprig's functions for regular expressions. */
export const regexpFunctions: Readonly<Record<string, TemplateFunction>> = {
  // A pattern that is none matches nothing: so it is in sprig.
  regexMatch: fixed(["string", "string"], ([pattern, text], { budget }) => {
    return isPattern(pattern) && matches(pattern, text, budget);
  }),
  mustRegexMatch: fixed(["string", "string"], ([pattern, text], { budget }) => {
    return matches(pattern, text, budget);
  }),
  regexFind: find,
  mustRegexFind: find,
  regexFindAll: all,
  mustRegexFindAll: all,
  regexReplaceAll: replaceAll,
  mustRegexReplaceAll: replaceAll,
  regexReplaceAllLiteral: replaceLiteral,
  mustRegexReplaceAllLiteral: replaceLiteral,
  regexSplit: splitFunction,
  mustRegexSplit: splitFunction,
  regexQuoteMeta: fixed(["string"], ([text]) => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
};

function isPattern(pattern: string): boolean {
  try {
    compileRegexp(pattern);
    return true;
  } catch {
    return false;
  }
}
