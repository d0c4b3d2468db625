import type { Environment } from "../base/environment.ts";
import { diagnosticAt, type SourceText } from "../base/source-text.ts";
import type { Diagnostic } from "../base/diagnostic.ts";
import { decode } from "./decode.ts";
import { expandVariables } from "./expand-variables.ts";
import type { Project } from "./project.ts";
import { readPlatforms, readSettings } from "./read-values.ts";
import { readYaml } from "./read-yaml.ts";
import { hiveSchema } from "./schema/hive-schema.ts";
import { rangeAt, type YamlNode } from "./yaml-node.ts";

type HiveFile = Omit<Project, "root" | "file" | "images" | "pins" | "sources">;

/** Reads hive.yml; undefined after a finding. */
export function readHiveFile(
  source: SourceText,
  environment: Environment,
  report: (finding: Diagnostic) => void,
): HiveFile | undefined {
  const node = readYaml(source, report);
  const data = node && decode(hiveSchema, { node, source, report });
  if (node === undefined || data === undefined) return undefined;
  const expand = (path: readonly string[], written: string | undefined): string | undefined =>
    expandAt({ source, node, report }, { path, written, environment });
  const address = expand(["buildkit", "address"], data.buildkit?.address);
  const registry = expand(["registry", "address"], data.registry?.address);
  const dockerMediaTypes = data.registry?.docker_media_types;
  const labels = data.labels ?? undefined;
  for (const key of ["vendor", "authors", "url", "documentation"] as const) {
    if (labels?.[key] === undefined || labels[key] === "") continue;
    report(
      diagnosticAt(source, rangeAt(node, ["labels", key]), {
        code: "HV1031",
        severity: "warning",
        message: `The label "${key}" is not yet set on images in this version`,
        help: `set it under labels.custom, as org.opencontainers.image.${key}`,
      }),
    );
  }
  return {
    platforms: readPlatforms({ source, node }, ["platforms"], { data: data.platforms, report }),
    buildkit: address === undefined ? {} : { address },
    registry: {
      ...(registry === undefined ? {} : { address: registry }),
      ...(dockerMediaTypes === undefined ? {} : { dockerMediaTypes }),
    },
    labels: readSettings({ source, node }, ["labels", "custom"], labels?.custom ?? {}),
    standardLabels: new Map(),
    registries: new Map(),
    templateOptions: new Map(),
    lint: { ignored: [], trustedRegistries: [], labelSchema: new Map(), strictLabels: false },
  };
}

type ExpandOptions = {
  readonly path: readonly string[];
  readonly written: string | undefined;
  readonly environment: Environment;
};

// An address that is written but empty is the same as none.
function expandAt(
  { source, node, report }: { source: SourceText; node: YamlNode; report: (d: Diagnostic) => void },
  { path, written, environment }: ExpandOptions,
): string | undefined {
  if (written === undefined || written === "") return undefined;
  try {
    return expandVariables(written, environment) || undefined;
  } catch (error) {
    const message = `Cannot read "${path.join(".")}": ${(error as SyntaxError).message}`;
    const help = "set it, or give it a default: ${NAME:-default}";
    report(
      diagnosticAt(source, rangeAt(node, path), {
        code: "HV1020",
        severity: "error",
        message,
        help,
      }),
    );
    return undefined;
  }
}
