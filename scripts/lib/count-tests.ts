/**
 * `bun scripts/lib/count-tests.ts FILE`: prints "<passed> <failed>" of a JUnit result file of `bun test`.
 * A test that was skipped or is only planned did not pass and counts as failed. Each failed one is told on stderr with what
 * went wrong: of a long log often only the end is kept.
 */
const tag = /<(testcase|failure|error|skipped)\b([^>]*?)(?:\/>|>([^<]*))/g;

/** Of what went wrong in one test, as many may have failed. */
const maxLines = 40;

type Outcome = {
  readonly name: string;
  readonly place: string;
  /** Undefined when it passed. */
  problem?: string;
};

function readOutcomes(report: string): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const [, element, attributes = "", text = ""] of report.matchAll(tag)) {
    const read = (name: string): string =>
      decode(new RegExp(` ${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    const last = outcomes.at(-1);
    if (element === "testcase") {
      outcomes.push({
        name: read("name"),
        place: [read("file"), read("line")].filter(Boolean).join(":"),
      });
    } else if (last !== undefined) {
      last.problem =
        element === "skipped" ? "Skipped, which counts as failed" : decode(text) || read("message");
    }
  }
  return outcomes;
}

const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|(\w+));/g, (whole, code?: string, name = "") =>
    code === undefined ? (entities[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

const outcomes = readOutcomes(await Bun.file(process.argv[2] ?? "").text());
let failed = 0;
for (const { name, place, problem } of outcomes) {
  if (problem === undefined) continue;
  failed += 1;
  const lines = problem.trimEnd().split("\n");
  const more = lines.length > maxLines ? [`... ${lines.length - maxLines} more lines`] : [];
  console.error([`\nFailed: ${name} (${place})`, ...lines.slice(0, maxLines), ...more].join("\n"));
}
console.log(`${outcomes.length - failed} ${failed}`);
