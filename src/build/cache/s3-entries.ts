import type { Environment } from "../../base/environment.ts";
import type { CacheScopes } from "../../plan/plan.ts";
import { type CacheEntries, type CacheSettings, exportAttrs, scopeName } from "./cache-entries.ts";

type S3Settings = Extract<CacheSettings, { readonly type: "s3" }>;

/**
 * Each scope is a manifest of its own in the bucket; layers are shared. Without credentials in the settings those of
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN go to the daemon, and without these it uses its own.
 */
export function s3Entries(
  settings: Omit<S3Settings, "place" | "type">,
  { own, siblings }: CacheScopes,
  env: Environment,
): CacheEntries {
  const { bucket, region, endpoint, usePathStyle = false } = settings;
  const common = {
    bucket,
    region,
    // Buckets hold other things, too.
    prefix: "hive/",
    ...(endpoint === undefined ? {} : { endpoint_url: endpoint }),
    ...(usePathStyle ? { use_path_style: "true" } : {}),
    ...credentials(settings, env),
  };
  const entry = (scope: string): Record<string, string> => ({ ...common, name: scopeName(scope) });
  return {
    imports: [own, ...siblings].map((scope) => ({ type: "s3", attrs: entry(scope) })),
    exports: [{ type: "s3", attrs: { ...entry(own), ...exportAttrs } }],
  };
}

function credentials(
  { accessKeyId, secretAccessKey }: Pick<S3Settings, "accessKeyId" | "secretAccessKey">,
  env: Environment,
): Record<string, string> {
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { access_key_id: accessKeyId.reveal(), secret_access_key: secretAccessKey.reveal() };
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return {};
  return {
    access_key_id: AWS_ACCESS_KEY_ID,
    secret_access_key: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { session_token: AWS_SESSION_TOKEN } : {}),
  };
}
