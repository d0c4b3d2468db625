import { resolve } from "node:path";
import type { z } from "zod";
import { Hidden } from "../base/hidden.ts";
import { present } from "./present.ts";
import type { CacheSettings } from "./project.ts";
import { requiredCacheKeys } from "./schema/cache-keys.ts";
import type { hiveSchema } from "./schema/hive-schema.ts";
import { reportAt, valuePlace, type YamlFile } from "./yaml/yaml-file.ts";

type CacheData = NonNullable<z.output<typeof hiveSchema>["cache"]>;

/** `cache` of hive.yml; undefined after a finding. `root` is what a local cache's path is relative to. */
export function readCache(
  file: YamlFile,
  data: CacheData,
  root: string,
): CacheSettings | undefined {
  const { type, bucket = "", region = "", ref = "", path = "" } = data;
  const missing = requiredCacheKeys[type].filter((key) => (data[key] ?? "") === "");
  for (const key of missing) {
    reportAt(file, ["cache", data[key] === undefined ? "type" : key], {
      code: "HV1005",
      message: `Missing key "${key}" in "cache"`,
      help: `a cache of type ${type} needs ${requiredCacheKeys[type].join(" and ")}`,
    });
  }
  if (missing.length > 0) return undefined;
  const place = valuePlace(file, ["cache", "type"]);
  if (type === "s3") {
    return present({
      type,
      place,
      bucket,
      region,
      endpoint: data.endpoint || undefined,
      accessKeyId: hidden(data.access_key_id),
      secretAccessKey: hidden(data.secret_access_key),
      usePathStyle: data.use_path_style,
    });
  }
  if (type === "registry") return present({ type, place, ref, insecure: data.insecure });
  if (type === "local") return { type, place, path: resolve(root, path) };
  return { type, place };
}

function hidden(text: string | undefined): Hidden | undefined {
  return text === undefined || text === "" ? undefined : new Hidden(text);
}
