import type { Budget } from "./budget.ts";
import type { Dict, Time, Value, Version } from "./value.ts";

/** What a call may use besides its arguments. */
export type CallContext = {
  /** Stands for the time of the rendering. */
  readonly now: Date;
  /** Counts work and memory: a function that loops spends. */
  readonly budget: Budget;
};

type ArgumentTypes = {
  any: Value;
  string: string;
  /** Go's int; counts and indexes, so a number will do. */
  int: number;
  bool: boolean;
  float64: number;
  map: Dict;
  time: Time;
  version: Version;
};

/** What a function can ask for: its argument is checked to be of this type. */
export type ParameterType = keyof ArgumentTypes;

export type Argument = ArgumentTypes[ParameterType];

/** A function of templates. What it throws is told with the place of the call. */
export type TemplateFunction = {
  /** The arguments it must have. */
  readonly parameters: readonly ParameterType[];
  /** The type of any number of further arguments; absent when there are none. */
  readonly rest?: ParameterType;
  /** Gets as many arguments as it declares, of the types it declares. */
  readonly call: (args: readonly Argument[], context: CallContext) => Value;
};

type Arguments<P extends readonly ParameterType[]> = {
  readonly [K in keyof P]: ArgumentTypes[P[K]];
};

/** A function of a fixed number of arguments. */
export function fixed<const P extends readonly ParameterType[]>(
  parameters: P,
  call: (args: Arguments<P>, context: CallContext) => Value,
): TemplateFunction {
  return { parameters, call: (args, context) => call(args as Arguments<P>, context) };
}

/** A function with any number of arguments behind the fixed ones. */
export function variadic<const P extends readonly ParameterType[], R extends ParameterType>(
  parameters: P,
  rest: R,
  call: (args: Arguments<P>, others: readonly ArgumentTypes[R][], context: CallContext) => Value,
): TemplateFunction {
  const count = parameters.length;
  return {
    parameters,
    rest,
    call: (args, context) =>
      call(
        args.slice(0, count) as unknown as Arguments<P>,
        args.slice(count) as unknown as readonly ArgumentTypes[R][],
        context,
      ),
  };
}

/** A refusal with a code of its own; its message stands alone. */
export class FunctionError extends Error {
  readonly code: "impure" | "unsupported";
  readonly help: string | undefined;

  constructor(code: "impure" | "unsupported", message: string, help?: string) {
    super(message);
    this.code = code;
    this.help = help;
  }
}
