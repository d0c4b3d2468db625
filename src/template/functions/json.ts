import { errorMessage } from "../../base/error-message.ts";
import { LimitError, type Budget } from "../budget.ts";
import { formatFloat } from "../format/format-float.ts";
import { display } from "../format/format-value.ts";
import { fixed, type TemplateFunction } from "../function.ts";
import { compareText } from "../go-text.ts";
import { formatTime } from "../time/format-time.ts";
import { dict, list, type Value } from "../value.ts";

type Style = { readonly escapesHtml: boolean; readonly indent: string };

/** Where in a value an encoder is. */
type Level = { readonly margin: string; readonly depth: number };

const outermost: Level = { margin: "", depth: 0 };

function quoteJson(text: string, { escapesHtml }: Style): string {
  const quoted = JSON.stringify(text.toWellFormed()).replace(/[\u2028\u2029\x7f]/g, (char) => {
    return char === "\x7f" ? char : `\\u${char.charCodeAt(0).toString(16)}`;
  });
  if (!escapesHtml) return quoted;
  return quoted.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

function numberToJson(value: number): string {
  if (!Number.isFinite(value))
    throw new Error(`json: unsupported value: ${formatFloat(value, "g", undefined)}`);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) {
    return formatFloat(value, "e", undefined).replace(/e([+-])0/, "e$1");
  }
  return formatFloat(value, "f", undefined);
}

function encode(value: Value, style: Style, budget: Budget, level: Level = outermost): string {
  budget.spend(1);
  budget.checkDepth(level.depth);
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return quoteJson(value, style);
  if (typeof value === "number") return numberToJson(value);
  if (typeof value === "boolean") return String(value);
  const inner = { margin: level.margin + style.indent, depth: level.depth + 1 };
  const nested = (item: Value): string => encode(item, style, budget, inner);
  const bracket = ([open, close]: readonly [string, string], parts: readonly string[]): string => {
    if (parts.length === 0) return open + close;
    const text =
      style.indent === ""
        ? open + parts.join(",") + close
        : `${open}\n${inner.margin}${parts.join(`,\n${inner.margin}`)}\n${level.margin}${close}`;
    budget.spendText(text.length);
    return text;
  };
  const colon = style.indent === "" ? ":" : ": ";
  const pairs = (entries: ReadonlyMap<string, Value>, keys: readonly string[]): string[] =>
    keys.map((key) => quoteJson(key, style) + colon + nested(entries.get(key)));
  switch (value.kind) {
    case "integer":
      return value.value.toString();
    case "time":
      return `"${formatTime(value, "2006-01-02T15:04:05.999999999Z07:00")}"`;
    case "version":
      return quoteJson(display(value, budget), style);
    case "list":
      if (value.isNil) return "null";
      return bracket(["[", "]"], value.items.map(nested));
    case "map": {
      if (value.isNil) return "null";
      const keys = [...value.entries.keys()].toSorted(compareText);
      return bracket(["{", "}"], pairs(value.entries, keys));
    }
    case "struct":
      return bracket(["{", "}"], pairs(value.fields, [...value.fields.keys()]));
  }
}

function decode(value: unknown, budget: Budget, depth: number): Value {
  budget.spend(1);
  if (depth > budget.limits.depth) throw new LimitError("the JSON is nested too deeply");
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return value;
  if (Array.isArray(value))
    return list(value.map((item: unknown) => decode(item, budget, depth + 1)));
  const entries = Object.entries(value as Record<string, unknown>);
  return dict(entries.map(([key, item]) => [key, decode(item, budget, depth + 1)]));
}

function parse(text: string, budget: Budget): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`no JSON: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  return decode(value, budget, 0);
}

/** The forms without "must" give nothing where those fail. */
function orNothing<T extends Value>(nothing: T, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof LimitError) throw error;
    return nothing;
  }
}

function encoders(name: string, style: Style): Record<string, TemplateFunction> {
  return {
    [`to${name}`]: fixed(["any"], ([value], { budget }) =>
      orNothing("", () => encode(value, style, budget)),
    ),
    [`mustTo${name}`]: fixed(["any"], ([value], { budget }) => encode(value, style, budget)),
  };
}

/** sprig's functions for JSON. */
export const jsonFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...encoders("Json", { escapesHtml: true, indent: "" }),
  ...encoders("PrettyJson", { escapesHtml: true, indent: "  " }),
  ...encoders("RawJson", { escapesHtml: false, indent: "" }),
  fromJson: fixed(["string"], ([text], { budget }) =>
    orNothing<Value>(null, () => parse(text, budget)),
  ),
  mustFromJson: fixed(["string"], ([text], { budget }) => parse(text, budget)),
};
