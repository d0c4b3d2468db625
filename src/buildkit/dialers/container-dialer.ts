import { HiveError } from "../../base/hive-error.ts";
import type { Dialer, DialerOptions } from "../dialer.ts";
import { type Endpoint, formatEndpoint } from "../endpoint.ts";

export async function createContainerDialer(
  endpoint: Extract<Endpoint, { kind: "container" }>,
  _options: DialerOptions,
): Promise<Dialer> {
  throw new HiveError("usage", `hive can't dial ${formatEndpoint(endpoint)} yet`);
}
