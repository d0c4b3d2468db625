/**
 * `bun scripts/lib/count-tests.ts FILE`: prints "<passed> <failed>" of a JUnit result file of `bun test`.
 * A test that was skipped or is only planned did not pass: it is named on stderr and counts as failed.
 */
const tag = /<(testcase|failure|error|skipped)\b([^>]*)>/g;

type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly string[];
};

function countTests(report: string): Counts {
  const failed = new Set<number>();
  const skipped: string[] = [];
  let tests = 0;
  let name = "";
  for (const [, element, attributes = ""] of report.matchAll(tag)) {
    if (element === "testcase") {
      tests += 1;
      name = / name="([^"]*)"/.exec(attributes)?.[1] ?? "";
      continue;
    }
    failed.add(tests);
    if (element === "skipped") {
      skipped.push(name);
    }
  }
  return { passed: tests - failed.size, failed: failed.size, skipped };
}

const { passed, failed, skipped } = countTests(await Bun.file(process.argv[2] ?? "").text());
for (const name of skipped) {
  console.error(`Skipped, which counts as failed: ${name}`);
}
console.log(`${passed} ${failed}`);
