import type { TemplateFunction } from "../function.ts";
import { builtins } from "./builtins.ts";
import { dateFunctions } from "./dates.ts";
import { defaultFunctions } from "./defaults.ts";
import { dictFunctions } from "./dicts.ts";
import { encodingFunctions } from "./encoding.ts";
import { impureFunctions, refusedImpure, unsupportedFunctions } from "./impure.ts";
import { jsonFunctions } from "./json.ts";
import { listFunctions } from "./lists.ts";
import { numberFunctions } from "./numbers.ts";
import { pathFunctions } from "./paths.ts";
import { regexpFunctions } from "./regexps.ts";
import { semverFunctions } from "./semver.ts";
import { stringFunctions } from "./strings.ts";
import { urlFunctions } from "./urls.ts";

type Table = ReadonlyMap<string, TemplateFunction>;

// sprig's `slice` wins over Go's.
const pure: Readonly<Record<string, TemplateFunction>> = {
  ...builtins,
  ...unsupportedFunctions,
  ...stringFunctions,
  ...numberFunctions,
  ...listFunctions,
  ...dictFunctions,
  ...defaultFunctions,
  ...jsonFunctions,
  ...encodingFunctions,
  ...regexpFunctions,
  ...semverFunctions,
  ...dateFunctions,
  ...pathFunctions,
  ...urlFunctions,
};

const strict: Table = new Map(Object.entries({ ...pure, ...refusedImpure }));
const impure: Table = new Map(Object.entries({ ...pure, ...impureFunctions }));

/** All functions of Go's text/template and of sprig; those that hive does not carry out refuse when they are called. */
export function functionTable(allowsImpure: boolean): Table {
  return allowsImpure ? impure : strict;
}
