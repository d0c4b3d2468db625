import { fixed, type TemplateFunction } from "../function.ts";
import { satisfies } from "../semver/constraint.ts";
import { parseVersion } from "../semver/parse-version.ts";

/** sprig's functions for semantic versions. */
export const semverFunctions: Readonly<Record<string, TemplateFunction>> = {
  semver: fixed(["string"], ([text]) => parseVersion(text)),
  semverCompare: fixed(["string", "string"], ([constraint, version]) =>
    satisfies(constraint, version),
  ),
};
