import { resolve } from "node:path";
import type { z } from "zod";
import { Hidden } from "../base/hidden.ts";
import type { Secret } from "./project.ts";
import type { imageSchema } from "./schema/image-schema.ts";
import { keyPlace, reportAt, type YamlFile } from "./yaml/yaml-file.ts";

type SecretData = z.output<typeof imageSchema>["secrets"][string];

/** `secrets` of image.yml, by id; those that name nothing are reported. `directory` is the image's. */
export function readSecrets(
  file: YamlFile,
  data: Readonly<Record<string, SecretData>>,
  directory: string,
): ReadonlyMap<string, Secret> {
  const secrets = new Map<string, Secret>();
  for (const [id, { source, value }] of Object.entries(data)) {
    const normal = normalize[source](value, directory);
    if (normal === undefined) {
      reportAt(file, ["secrets", id, ...(value === "" ? [] : ["value"])], {
        code: "HV1024",
        message: `Cannot use the value of secret "${id}": expected ${expected[source]}`,
      });
      continue;
    }
    const place = keyPlace(file, ["secrets", id]);
    secrets.set(id, { source, value: new Hidden(normal), place });
  }
  return secrets;
}

const expected: Readonly<Record<Secret["source"], string>> = {
  env: "the name of an environment variable, as API_KEY, $API_KEY or ${API_KEY}",
  vault: "vault://PATH#FIELD",
  file: "the path of a file, relative to the image's directory, absolute or below ~/",
  plain: "text",
};

const normalize: Readonly<
  Record<Secret["source"], (value: string, directory: string) => string | undefined>
> = {
  env: (value) => {
    const [, braced, name] = /^(?:\$\{([a-z_]\w*)\}|\$?([a-z_]\w*))$/i.exec(value) ?? [];
    return braced ?? name;
  },
  vault: (value) => {
    const [, path = "", field = ""] = /^vault:\/\/([^#]*)#(.*)$/.exec(value) ?? [];
    const isWhole = path.trim() !== "" && field.trim() !== "";
    return isWhole ? `vault://${path.trim()}#${field.trim()}` : undefined;
  },
  file: (value, directory) => {
    if (value === "") return undefined;
    // Whose home directory it is the environment tells, when the secret is looked up.
    return value.startsWith("~/") ? value : resolve(directory, value);
  },
  plain: (value) => value,
};
