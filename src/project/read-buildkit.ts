import type { z } from "zod";
import { present } from "./present.ts";
import type { BuildkitSettings } from "./project.ts";
import { readPlatforms } from "./read-values.ts";
import type { hiveSchema } from "./schema/hive-schema.ts";
import { keyPlace, reportAt, type YamlFile } from "./yaml/yaml-file.ts";

type BuildkitData = z.output<typeof hiveSchema>["buildkit"];

/** `buildkit` of hive.yml. Addresses are read where they are dialled. */
export function readBuildkit(file: YamlFile, data: BuildkitData): BuildkitSettings {
  const version = data?.version || undefined;
  if (version !== undefined && !/^v?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)) {
    reportAt(file, ["buildkit", "version"], {
      code: "HV1006",
      message: `Cannot use BuildKit version "${version}": it is no release, as v0.32.2`,
    });
  }
  const nodes = (data?.nodes ?? []).map((node, index) => {
    const path = ["buildkit", "nodes", index] as const;
    if (node.address === "") {
      const message = "Cannot use this BuildKit node: its address is empty";
      reportAt(file, [...path, "address"], { code: "HV1006", message });
    }
    if (node.max_parallel === 0) {
      const message = "Cannot use this BuildKit node: it may build nothing (max_parallel is 0)";
      reportAt(file, [...path, "max_parallel"], { code: "HV1006", message });
    }
    return present({
      address: node.address,
      place: keyPlace(file, [...path, "address"]),
      platforms: readPlatforms(file, [...path, "platforms"], node.platforms),
      maxParallel: node.max_parallel,
    });
  });
  return present({
    address: data?.address || undefined,
    version: version?.replace(/^v?/, "v"),
    nodes,
  });
}
