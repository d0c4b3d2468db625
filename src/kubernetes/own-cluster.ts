import { isIP } from "node:net";
import { join } from "node:path";
import type { Environment } from "../base/environment.ts";
import { readOptionalText } from "../base/read-optional-text.ts";
import type { ClusterAccess } from "./cluster.ts";

/** What Kubernetes puts into each container that may talk to it. */
const usualDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The cluster that hive itself runs in, by its service account; undefined outside of one.
 * {@link https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/}
 * @throws HiveError "usage" for files that can't be read
 */
export async function findOwnCluster(
  env: Environment,
  directory: string = usualDirectory,
): Promise<ClusterAccess | undefined> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  if (host === undefined || host === "" || port === undefined || port === "") return undefined;
  const [token, ca, namespace] = await Promise.all(
    ["token", "ca.crt", "namespace"].map((name) =>
      readOptionalText(join(directory, name), { kind: "usage" }),
    ),
  );
  if (token === undefined || ca === undefined) return undefined;
  const isName = isIP(host) === 0;
  return {
    cluster: {
      server: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`),
      tls: { ca: [ca], serverName: isName ? host : "" },
    },
    namespace: namespace?.trim() ?? "default",
    // It is renewed within the hour.
    credential: async () => {
      const current = await readOptionalText(join(directory, "token"), { kind: "usage" });
      return { token: (current ?? token).trim() };
    },
  };
}
