import { HiveError } from "../../base/hive-error.ts";
import type { ByteStream } from "../../http2/byte-stream.ts";
import type { Credential } from "../../kubernetes/cluster.ts";
import { openCluster } from "../../kubernetes/open-cluster.ts";
import { openExec } from "../../kubernetes/open-exec.ts";
import type { Dialer, DialerOptions, DialOptions } from "./dialer.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";

/** A daemon in a pod: every connection is a `buildctl dial-stdio` of its own. */
export async function createKubeDialer(
  { pod, context, namespace, container }: Extract<Endpoint, { kind: "kube" }>,
  { env }: DialerOptions,
): Promise<Dialer> {
  const access = await openCluster({ env, context });
  const target = {
    namespace: namespace ?? access.namespace,
    pod,
    container,
    command: ["buildctl", "dial-stdio"],
  };

  async function opened(options: DialOptions, credential: Credential): Promise<ByteStream> {
    return await openExec(access.cluster, target, { ...options, credential });
  }

  return {
    authority: "localhost",
    async dial(options) {
      const { signal } = options;
      const credential = await access.credential({ signal });
      try {
        return await opened(options, credential);
      } catch (error) {
        if (!(error instanceof HiveError) || error.kind !== "unauthorized") throw error;
        // A token that ran out before its time.
        const renewed = await access.credential({ renew: true, signal });
        if (renewed.token === credential.token && renewed.cert === credential.cert) throw error;
        return await opened(options, renewed);
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}
