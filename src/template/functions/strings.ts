import { display } from "../format/format-value.ts";
import { quoteText } from "../format/quote.ts";
import { fixed, variadic, type CallContext, type TemplateFunction } from "../function.ts";
import { byteLength, runesOf, sliceBytes } from "../go-text.ts";
import { lower, swapCase, title, upper } from "./letter-case.ts";
import { toCamelCase, toKebabCase, toSnakeCase } from "./word-case.ts";
import { abbreviate, abbreviateBoth, wrap } from "./wrap.ts";

const spaces =
  "[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const spaceChar = new RegExp(spaces);
const anySpaces = new RegExp(spaces, "g");
const firstOfWord = new RegExp(`(^|${spaces})([^])`, "gu");

/** strings.TrimSpace. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && spaceChar.test(text[start] ?? "")) start += 1;
  while (end > start && spaceChar.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}

function trimChars(chars: string, text: string): string {
  const set = new Set(chars);
  const all = runesOf(text);
  let start = 0;
  let end = all.length;
  while (start < end && set.has(all[start] ?? "")) start += 1;
  while (end > start && set.has(all[end - 1] ?? "")) end -= 1;
  return all.slice(start, end).join("");
}

function repeat(count: number, text: string, { budget }: CallContext): string {
  if (count < 0) throw new Error("strings: negative Repeat count");
  budget.spendText(count * text.length);
  return text.repeat(count);
}

function indent(count: number, text: string, context: CallContext): string {
  const padding = repeat(count, " ", context);
  context.budget.spendText(text.length + (text.split("\n").length - 1) * count);
  return padding + text.replaceAll("\n", `\n${padding}`);
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text);
  const from = Math.max(0, start);
  const to = start >= 0 && (end < 0 || end > length) ? length : end;
  if (to < from || to > length) throw new Error(`slice bounds out of range [${from}:${to}]`);
  return sliceBytes(text, from, to);
}

function truncate(count: number, text: string): string {
  const length = byteLength(text);
  if (count < 0) return length + count > 0 ? sliceBytes(text, length + count) : text;
  return length > count ? sliceBytes(text, 0, count) : text;
}

function replaceAll(
  old: string,
  replacement: string,
  text: string,
  { budget }: CallContext,
): string {
  const pieces = old === "" ? ["", ...runesOf(text), ""] : text.split(old);
  budget.spendText(text.length + (pieces.length - 1) * replacement.length);
  return pieces.join(replacement);
}

function trimAffix(affix: string, text: string, atEnd: boolean): string {
  if (atEnd) return affix !== "" && text.endsWith(affix) ? text.slice(0, -affix.length) : text;
  return text.startsWith(affix) ? text.slice(affix.length) : text;
}

const trimAll = fixed(["string", "string"], ([chars, text]) => trimChars(chars, text));

/** sprig's functions for texts. */
export const stringFunctions: Readonly<Record<string, TemplateFunction>> = {
  hello: fixed([], () => "Hello!"),
  trim: fixed(["string"], ([text]) => trimSpace(text)),
  trimAll,
  trimall: trimAll,
  trimSuffix: fixed(["string", "string"], ([suffix, text]) => trimAffix(suffix, text, true)),
  trimPrefix: fixed(["string", "string"], ([prefix, text]) => trimAffix(prefix, text, false)),
  upper: fixed(["string"], ([text]) => upper(text)),
  lower: fixed(["string"], ([text]) => lower(text)),
  title: fixed(["string"], ([text]) => title(text)),
  untitle: fixed(["string"], ([text]) => {
    return text.replace(firstOfWord, (_, before: string, char: string) => before + lower(char));
  }),
  swapcase: fixed(["string"], ([text]) => swapCase(text)),
  repeat: fixed(["int", "string"], ([count, text], context) => repeat(count, text, context)),
  substr: fixed(["int", "int", "string"], ([start, end, text]) => substring(start, end, text)),
  nospace: fixed(["string"], ([text]) => text.replace(anySpaces, "")),
  trunc: fixed(["int", "string"], ([count, text]) => truncate(count, text)),
  abbrev: fixed(["int", "string"], ([width, text]) => abbreviate(width, text)),
  abbrevboth: fixed(["int", "int", "string"], ([left, width, text]) => {
    return abbreviateBoth(left, width, text);
  }),
  initials: fixed(["string"], ([text]) => {
    return text
      .split(anySpaces)
      .map((word) => runesOf(word)[0] ?? "")
      .join("");
  }),
  contains: fixed(["string", "string"], ([part, text]) => text.includes(part)),
  hasPrefix: fixed(["string", "string"], ([prefix, text]) => text.startsWith(prefix)),
  hasSuffix: fixed(["string", "string"], ([suffix, text]) => text.endsWith(suffix)),
  quote: variadic([], "any", (_, values, { budget }) => {
    return present(values)
      .map((value) => quoteText(display(value, budget)))
      .join(" ");
  }),
  squote: variadic([], "any", (_, values, { budget }) => {
    return present(values)
      .map((value) => `'${display(value, budget)}'`)
      .join(" ");
  }),
  cat: variadic([], "any", (_, values, { budget }) => {
    return present(values)
      .map((value) => display(value, budget))
      .join(" ");
  }),
  indent: fixed(["int", "string"], ([count, text], context) => indent(count, text, context)),
  nindent: fixed(
    ["int", "string"],
    ([count, text], context) => `\n${indent(count, text, context)}`,
  ),
  replace: fixed(["string", "string", "string"], ([old, replacement, text], context) => {
    return replaceAll(old, replacement, text, context);
  }),
  plural: fixed(["string", "string", "int"], ([one, many, count]) => (count === 1 ? one : many)),
  snakecase: fixed(["string"], ([text]) => toSnakeCase(text)),
  camelcase: fixed(["string"], ([text]) => toCamelCase(text)),
  kebabcase: fixed(["string"], ([text]) => toKebabCase(text)),
  wrap: fixed(["int", "string"], ([width, text]) => wrap(text, width, "\n", false)),
  wrapWith: fixed(["int", "string", "string"], ([width, separator, text], { budget }) => {
    budget.spendText(text.length * (separator.length + 1));
    return wrap(text, width, separator === "" ? "\n" : separator, true);
  }),
};

function present<T>(values: readonly T[]): T[] {
  return values.filter((value) => value !== null && value !== undefined);
}
