import type { SourceText } from "../base/source-text.ts";

/** A range of the source; `at` is where Go says the node is, which its errors name. */
type Located = { readonly at: number; readonly end: number };

/** What has a value; `a.b` on something that is no field is a chain. */
export type Expression =
  | (Located & { readonly type: "dot" })
  | (Located & { readonly type: "nil" })
  | (Located & { readonly type: "boolean"; readonly value: boolean })
  | (Located & { readonly type: "string"; readonly value: string })
  | NumberNode
  | (Located & { readonly type: "field"; readonly names: readonly string[] })
  | (Located & {
      readonly type: "variable";
      readonly name: string;
      readonly names: readonly string[];
    })
  | (Located & { readonly type: "identifier"; readonly name: string })
  | (Located & {
      readonly type: "chain";
      readonly node: Expression;
      readonly names: readonly string[];
    })
  | Pipeline;

/** A constant is untyped as in Go: `1.0` is an integer where one is wanted, and a float64 otherwise. */
export type NumberNode = Located & {
  readonly type: "number";
  readonly text: string;
  /** Set when the constant is a whole number. */
  readonly integer: bigint | undefined;
  readonly float: number;
  /** Written as a float: where any type is welcome it is a float64. */
  readonly isFloat: boolean;
};

/** A stage of a pipeline: a function or method with arguments, or a value alone. */
export type Command = Located & { readonly args: readonly [Expression, ...Expression[]] };

/** Commands, of which each gets what the one before gave as its last argument. */
export type Pipeline = Located & {
  readonly type: "pipeline";
  /** Names with their `$`. */
  readonly variables: readonly string[];
  readonly assigns: boolean;
  readonly commands: readonly Command[];
};

/** A block with its `else`. */
export type Branch = Located & {
  readonly pipeline: Pipeline;
  readonly body: readonly Statement[];
  readonly otherwise: readonly Statement[] | undefined;
};

/** What a body is made of. */
export type Statement =
  /** `at` is where the text stands in the source, behind what was trimmed. */
  | (Located & { readonly type: "text"; readonly text: string })
  | (Located & { readonly type: "action"; readonly pipeline: Pipeline })
  | (Branch & { readonly type: "if" | "with" | "range" })
  | (Located & {
      readonly type: "template";
      readonly name: string;
      readonly pipeline: Pipeline | undefined;
    })
  | (Located & { readonly type: "break" | "continue" });

/** A template that was parsed. */
export type Template = {
  readonly source: SourceText;
  readonly body: readonly Statement[];
  /** What `define` and `block` made, by name. */
  readonly definitions: ReadonlyMap<string, readonly Statement[]>;
  /** Every function that is named anywhere. */
  readonly calls: readonly (Located & { readonly name: string })[];
};
