import type { Diagnostic, Place } from "../../base/diagnostic.ts";
import { indentedJson } from "../../base/json-line.ts";
import { version } from "../version.ts";
import { plainText } from "./plain-text.ts";

/** Findings as a log file of SARIF 2.1.0 (OASIS): JSON with one run. Columns count UTF-16 units, as ours do. */
export function renderSarif(findings: readonly Diagnostic[]): string {
  const codes = [...new Set(findings.map(({ code }) => code))];
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "hive", version, rules: codes.map((id) => ({ id })) } },
        columnKind: "utf16CodeUnits",
        results: findings.map((finding) => ({
          ruleId: finding.code,
          ruleIndex: codes.indexOf(finding.code),
          level: finding.severity,
          message: { text: plainText(finding) },
          locations: [locationOf(finding)],
          relatedLocations: (finding.related ?? []).map((part, id) => ({
            id,
            message: { text: part.message },
            ...locationOf(part),
          })),
        })),
      },
    ],
  };
  return indentedJson(log);
}

type Located = { readonly place: Place; readonly lineText?: string | undefined };

function locationOf({ place, lineText }: Located): object {
  const region = {
    startLine: place.line,
    startColumn: place.column,
    endColumn: place.column + (place.length ?? 1),
  };
  const whole = { startLine: place.line, snippet: { text: lineText ?? "" } };
  return {
    physicalLocation: {
      // A relative reference: each part is percent-encoded, the slashes between them are not.
      artifactLocation: { uri: place.file.split("/").map(encodeURIComponent).join("/") },
      region,
      ...(lineText === undefined ? {} : { contextRegion: whole }),
    },
  };
}
