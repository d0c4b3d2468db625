import type { Descriptor } from "../../oci/descriptor.ts";
import type { RemoteRegistry } from "../../remote/open-registry.ts";
import type { Attached } from "./evidence.ts";

/** Bytes. A bigger report is not read. */
const reportLimit = 8 * 1024 * 1024;

/**
 * How many tests the JUnit reports that an artifact holds say have failed: 0 where it holds none, undefined where one can't be
 * read, as it is too big, packed, or no such report.
 * {@link https://github.com/testmoapp/junitxml}
 * @throws HiveError
 */
export async function failedTests(
  registry: RemoteRegistry,
  repository: string,
  { digest }: Attached,
): Promise<number | undefined> {
  const found = await registry.findManifest(repository, digest);
  if (found?.manifest.kind !== "image") return 0;
  const { artifactType = "", layers } = found.manifest;
  // Clients that are not told give layers any type.
  const reports = isReport(artifactType)
    ? layers
    : layers.filter(({ mediaType }) => isReport(mediaType));
  let failures = 0;
  for (const report of reports) {
    const text = report.size > reportLimit ? "" : await textOf(registry, repository, report);
    if (!/<testsuites?[\s/>]/.test(text)) return undefined;
    failures += failuresIn(text);
  }
  return failures;
}

function isReport(type: string): boolean {
  return /[/+.]xml$/.test(type);
}

async function textOf(
  registry: RemoteRegistry,
  repository: string,
  report: Descriptor,
): Promise<string> {
  return new TextDecoder().decode(await registry.blob(repository, report));
}

/** Failures and errors of tests; where only the sums of suites tell, the highest of them. */
export function failuresIn(report: string): number {
  const markup = markupOf(report);
  const elements = [...markup.matchAll(/<(?:failure|error)[\s/>]/g)].length;
  if (elements > 0) return elements;
  const suites = [...markup.matchAll(/<testsuites?\s[^<>]*>/g)].flatMap(([suite]) => {
    const sums = [...suite.matchAll(/\s(?:failures|errors)\s*=\s*["'](\d+)["']/g)];
    return [sums.reduce((sum, [, digits]) => sum + Number(digits), 0)];
  });
  return Math.max(0, ...suites);
}

/** A report without comments and quoted text. Reports are written by what is tested: each byte is looked at once. */
function markupOf(report: string): string {
  const start = /<!(?:--|\[CDATA\[)/g;
  const parts: string[] = [];
  let end = 0;
  for (let found = start.exec(report); found !== null; found = start.exec(report)) {
    const close = found[0] === "<!--" ? "-->" : "]]>";
    const at = report.indexOf(close, start.lastIndex);
    // It has no end: what is there counts.
    if (at < 0) break;
    parts.push(report.slice(end, found.index));
    end = start.lastIndex = at + close.length;
  }
  return [...parts, report.slice(end)].join("");
}
