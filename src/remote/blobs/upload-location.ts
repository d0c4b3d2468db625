import { HiveError } from "../../base/hive-error.ts";
import type { Endpoint } from "../endpoint.ts";
import type { HttpAnswer } from "../exchange.ts";
import { placeProblem } from "../redirect-target.ts";

/**
 * Where an upload goes on, as the registry says: a path, or a URL. Behind a proxy a registry may not know that it is reached
 * by https: of our own host only the path counts.
 * @throws HiveError "failed" for a place that a registry has no business to send us to.
 */
export function uploadLocation({ address }: Endpoint, { headers, url }: HttpAnswer): URL {
  const location = headers.get("location") ?? "";
  const target = location === "" ? null : URL.parse(location, url.href);
  const own = new URL(address.origin);
  if (target?.host === own.host && /^https?:$/.test(target.protocol)) {
    return new URL(`${target.pathname}${target.search}`, own);
  }
  const reason = placeProblem(target, own, address.loopback);
  if (target !== null && reason === undefined) return target;
  throw new HiveError("failed", `${address.host} takes uploads at ${reason ?? "nowhere"}`, {
    hint: "This is for those who run the registry to mend.",
  });
}
