import { type Digest, digestOf } from "../oci/digest.ts";
import { imagePrefix, localPrefix } from "../plan/context-value.ts";
import type { TargetInputs } from "./target-inputs.ts";

/** What is told others of what an image was made of: the record of its build, without what is nobody else's business. */
export type PublishedRecord = {
  readonly target: string;
  readonly key: string;
  readonly digest: Digest;
  readonly inputs: TargetInputs;
};

/**
 * A record for others to read: values of build arguments, and contexts at URLs, which may have credentials in them, are
 * digests. Paths of this machine are not among a target's inputs, and neither are values of secrets. The same record gives
 * the same bytes.
 */
export function publishedRecord({ inputs, ...record }: PublishedRecord): PublishedRecord {
  return {
    ...record,
    inputs: {
      ...inputs,
      buildArgs: mapValues(inputs.buildArgs, digestOf),
      contexts: mapValues(inputs.contexts, (value) =>
        value.startsWith(localPrefix) || value.startsWith(imagePrefix) ? value : digestOf(value),
      ),
    },
  };
}

function mapValues(
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
