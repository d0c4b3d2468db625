import type { CharSet } from "./char-set.ts";
import { parseRegexp, type Assertion, type RegexpNode } from "./parse-regexp.ts";

/** An instruction of the matching machine; numbers are those of other instructions. */
export type Instruction =
  | { readonly type: "set"; readonly set: CharSet; next: number }
  | { readonly type: "assertion"; readonly assertion: Assertion; next: number }
  | { readonly type: "save"; readonly slot: number; next: number }
  /** `next` is tried before `other`. */
  | { readonly type: "split"; next: number; other: number }
  | { readonly type: "match" };

/** A pattern as a program for `matchRegexp()`. */
export type Regexp = {
  readonly program: readonly Instruction[];
  readonly start: number;
  /** Two for each group, the whole match first. */
  readonly slots: number;
  readonly names: readonly (string | undefined)[];
};

const largest = 20_000;
const cached = new Map<string, Regexp>();

/** Compiles a pattern of RE2's syntax. @throws Error */
export function compileRegexp(pattern: string): Regexp {
  const known = cached.get(pattern);
  if (known !== undefined) return known;
  const { node, names } = parseRegexp(pattern);
  const program: Instruction[] = [{ type: "match" }];
  const end = add(program, { type: "save", slot: 1, next: 0 });
  const body = compile(program, node, end);
  const start = add(program, { type: "save", slot: 0, next: body });
  const regexp = { program, start, slots: 2 * names.length, names };
  if (cached.size >= 100) cached.clear();
  cached.set(pattern, regexp);
  return regexp;
}

function add(program: Instruction[], instruction: Instruction): number {
  if (program.length >= largest) throw new Error("error parsing regexp: expression too large");
  return program.push(instruction) - 1;
}

// From the back: each node is compiled with what follows it.
function compile(program: Instruction[], node: RegexpNode, next: number): number {
  switch (node.type) {
    case "set":
      return add(program, { type: "set", set: node.set, next });
    case "assertion":
      return add(program, { type: "assertion", assertion: node.assertion, next });
    case "sequence":
      return node.nodes.reduceRight((after, inner) => compile(program, inner, after), next);
    case "choice": {
      const starts = node.nodes.map((inner) => compile(program, inner, next));
      return starts.reduceRight((other, start) =>
        add(program, { type: "split", next: start, other }),
      );
    }
    case "group": {
      const end = add(program, { type: "save", slot: 2 * node.index + 1, next });
      const start = compile(program, node.node, end);
      return add(program, { type: "save", slot: 2 * node.index, next: start });
    }
    case "repeat":
      return compileRepeat(program, node, next);
  }
}

function compileRepeat(
  program: Instruction[],
  { node, least, most, isLazy }: RegexpNode & { type: "repeat" },
  next: number,
): number {
  const choose = (body: number, skip: number): number => {
    const [first, second] = isLazy ? [skip, body] : [body, skip];
    return add(program, { type: "split", next: first, other: second });
  };
  let start = next;
  if (most === Infinity) {
    // The loop's body returns to the choice, which is made before it.
    const loop = choose(0, next);
    const body = compile(program, node, loop);
    program[loop] = isLazy
      ? { type: "split", next, other: body }
      : { type: "split", next: body, other: next };
    // A body that may be empty is entered once without the loop's choice, so that it can be left empty: as RE2 does.
    if (least === 0) start = isNullable(node) ? choose(body, next) : loop;
    else start = body;
  } else {
    for (let count = least; count < most; count++)
      start = choose(compile(program, node, start), next);
  }
  const fixed = most === Infinity ? least - 1 : least;
  for (let count = 0; count < fixed; count++) start = compile(program, node, start);
  return start;
}

function isNullable(node: RegexpNode): boolean {
  switch (node.type) {
    case "set":
      return false;
    case "assertion":
      return true;
    case "sequence":
      return node.nodes.every((inner) => isNullable(inner));
    case "choice":
      return node.nodes.some((inner) => isNullable(inner));
    case "group":
      return isNullable(node.node);
    case "repeat":
      return node.least === 0 || isNullable(node.node);
  }
}
