import { HiveError } from "../../base/hive-error.ts";
import { parseReference, type Reference } from "../../oci/reference.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";

/**
 * A reference that a user wrote; the registry in it and the one of --registry must be the same where both are there.
 * @throws HiveError "usage"
 */
export function readReference(text: string, registry: string | undefined): Reference {
  const reference = parse(text);
  if (registry === undefined || reference.registry === undefined) return reference;
  const { host } = parseRegistryAddress(registry);
  if (parseRegistryAddress(reference.registry).host === host) return reference;
  throw new HiveError("usage", `"${text}" is not of the registry ${host}`, {
    hint: "Leave out --registry, or the registry in the name.",
  });
}

function parse(text: string): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new HiveError("usage", error.message, {
      cause: error,
      hint: "Write name:tag or name@sha256:..., as app:1.0.",
    });
  }
}
