import { RegistryError } from "../registry-error.ts";

/** 405 with the methods that there are, as `GET, HEAD`. */
export function methodNotAllowed(allowed: string): RegistryError {
  return new RegistryError(405, "UNSUPPORTED", "method not allowed", { Allow: allowed });
}
