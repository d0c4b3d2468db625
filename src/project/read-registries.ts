import type { z } from "zod";
import { didYouMean } from "../base/closest.ts";
import { parseDuration } from "../base/parse-duration.ts";
import { present } from "./present.ts";
import type { NamedRegistry } from "./project.ts";
import { isRequirement, requirements } from "./requirements.ts";
import type { hiveSchema } from "./schema/hive-schema.ts";
import { keyPlace, reportAt, type YamlFile } from "./yaml/yaml-file.ts";

type RegistriesData = z.output<typeof hiveSchema>["registries"];

/** `registries` of hive.yml, by name. */
export function readRegistries(
  file: YamlFile,
  data: RegistriesData,
): ReadonlyMap<string, NamedRegistry> {
  const names = Object.keys(data);
  return new Map(
    Object.entries(data).map(([name, registry]) => {
      const path = ["registries", name];
      if (registry.address === "") {
        const message = `Cannot use registry "${name}": its address is empty`;
        reportAt(file, [...path, "address"], { code: "HV1006", message });
      }
      for (const [index, source] of registry.promote_from.entries()) {
        if (names.includes(source)) continue;
        reportAt(file, [...path, "promote_from", index], {
          code: "HV1021",
          message: `Unknown registry "${source}": there is none of this name in "registries"`,
          label: didYouMean(source, names),
        });
      }
      for (const [index, requirement] of registry.require.entries()) {
        if (isRequirement(requirement)) continue;
        reportAt(file, [...path, "require", index], {
          code: "HV1028",
          message: `Cannot require "${requirement}": expected ${requirements.join(", ")}, or the type of an artifact`,
          label: didYouMean(requirement, requirements),
        });
      }
      const retention = registry.retention ?? undefined;
      return [
        name,
        present({
          address: registry.address,
          place: keyPlace(file, path),
          role: registry.role ?? undefined,
          retention:
            retention &&
            present({
              keepLast: retention.keep_last,
              maxAge: parseDuration(retention.max_age ?? ""),
            }),
          promoteFrom: registry.promote_from,
          require: registry.require,
          mirror: registry.mirror,
        }),
      ];
    }),
  );
}
