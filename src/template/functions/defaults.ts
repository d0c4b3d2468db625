import { fixed, variadic, type TemplateFunction } from "../function.ts";
import { kindName, typeName } from "../type-name.ts";
import type { Value } from "../value.ts";
import { isEmpty } from "./is-empty.ts";

function isTypeLike(wanted: string, value: Value): boolean {
  const name = typeName(value);
  return wanted === name || `*${wanted}` === name;
}

/** sprig's functions for defaults, types and failing. */
export const defaultFunctions: Readonly<Record<string, TemplateFunction>> = {
  default: variadic(["any"], "any", ([otherwise], [given]) => {
    return given === undefined || isEmpty(given) ? otherwise : given;
  }),
  empty: fixed(["any"], ([value]) => isEmpty(value)),
  coalesce: variadic([], "any", (_, values) => values.find((value) => !isEmpty(value)) ?? null),
  all: variadic([], "any", (_, values) => values.every((value) => !isEmpty(value))),
  any: variadic([], "any", (_, values) => values.some((value) => !isEmpty(value))),
  ternary: fixed(["any", "any", "bool"], ([yes, no, test]) => (test ? yes : no)),
  fail: fixed(["string"], ([message]) => {
    throw new Error(message);
  }),
  typeOf: fixed(["any"], ([value]) => typeName(value)),
  typeIs: fixed(["string", "any"], ([wanted, value]) => wanted === typeName(value)),
  typeIsLike: fixed(["string", "any"], ([wanted, value]) => isTypeLike(wanted, value)),
  kindOf: fixed(["any"], ([value]) => kindName(value)),
  kindIs: fixed(["string", "any"], ([wanted, value]) => wanted === kindName(value)),
};
