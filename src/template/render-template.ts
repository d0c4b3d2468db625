import { didYouMean } from "../base/closest.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { createBudget, defaultLimits, LimitError, type Limits } from "./budget.ts";
import { executeBody } from "./execute.ts";
import type { TemplateFunction } from "./function.ts";
import { shortCircuitFunctions } from "./functions/builtins.ts";
import { functionTable } from "./functions/function-table.ts";
import { createOutput, type Rendered } from "./output.ts";
import { failAt, findingAt, type State } from "./state.ts";
import { importRoot, type TemplateRoot } from "./template-data.ts";
import { TemplateError } from "./template-error.ts";
import type { Template } from "./template.ts";
import type { Struct } from "./value.ts";

export type RenderOptions = {
  /** The time of `now` and all that depends on it. */
  readonly now: Date;
  /** Functions besides Go's and sprig's; they win over those. */
  readonly functions?: Readonly<Record<string, TemplateFunction>>;
  /** Lets templates read the environment and make random values. */
  readonly allowImpure?: boolean;
  /** Gets a warning for each `<no value>` that is printed. */
  readonly warn: (diagnostic: Diagnostic) => void;
  readonly limits?: Partial<Limits>;
  /** Learns how many steps it took, also of a rendering that failed. */
  readonly onSpent?: (steps: number) => void;
};

/**
 * Renders a template for `root`, as Go's text/template does with sprig's functions.
 * @throws TemplateError where Go fails, where the limits are passed, and at calls of functions that are refused.
 */
export function renderTemplate(
  template: Template,
  root: TemplateRoot,
  options: RenderOptions,
): Rendered {
  return renderStruct(template, importRoot(root), options);
}

/** The same for values: for templates that include each other, and share what they are given. */
export function renderStruct(
  template: Template,
  dot: Struct,
  { now, functions = {}, allowImpure = false, warn, limits, onSpent }: RenderOptions,
): Rendered {
  const budget = createBudget({ ...defaultLimits, ...limits });
  const output = createOutput(budget);
  const table = functionTable(allowImpure);
  const state: State = {
    template,
    find: (name) => (Object.hasOwn(functions, name) ? functions[name] : table.get(name)),
    shortCircuits: shortCircuitFunctions,
    context: { now, budget },
    output,
    warn,
    at: { at: 0, end: 1 },
    variables: [{ name: "$", value: dot }],
    depth: 0,
    missing: undefined,
  };
  checkFunctions(state, () => [...Object.keys(functions), ...table.keys()]);
  try {
    executeBody(state, dot, template.body);
  } catch (error) {
    if (error instanceof LimitError) throw failAt(state, "limit", error.message);
    throw error;
  } finally {
    onSpent?.(budget.spent());
  }
  return output.finish();
}

// As in Go, a function has to exist even where it is never called.
function checkFunctions(state: State, names: () => readonly string[]): void {
  const { find, template } = state;
  const unknown = template.calls.filter(({ name }) => find(name) === undefined);
  const [first, ...others] = unknown.map((call) => {
    return findingAt(state, call, {
      severity: "error",
      code: "unknownFunction",
      message: `function "${call.name}" not defined`,
      help: didYouMean(call.name, names()),
    });
  });
  if (first !== undefined) throw new TemplateError([first, ...others]);
}
