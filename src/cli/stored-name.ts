import { isDigest } from "../oci/digest.ts";
import { withBuildId } from "../plan/with-build-id.ts";
import { readBuildId } from "./read-build-id.ts";

/**
 * What an image that is asked for, by reference or digest, is called in the store.
 * @param buildId the value of --build-id
 * @throws HiveError "usage"
 */
export function storedName(reference: string, buildId: string | undefined): string {
  return isDigest(reference) ? reference : withBuildId(reference, readBuildId(buildId));
}
