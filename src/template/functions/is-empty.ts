import { isTrue, type Value } from "../value.ts";

/** What `default` replaces: nil, false, 0, "", and lists and maps without content. */
export function isEmpty(value: Value): boolean {
  return !isTrue(value);
}
