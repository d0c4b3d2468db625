import { expect, test } from "bun:test";
import { join } from "node:path";
import { tempDirectory } from "../support/temp-directory.ts";

const script = join(import.meta.dir, "../../scripts/lib/count-tests.ts");

/** One of each outcome, with names that have to be escaped in XML. */
const sample = `import { describe, expect, test } from "bun:test";
test('passes with <failure> & "quotes"', () => {});
test("fails", () => { expect("<skipped />").toBe("<testcase>"); });
describe("group", () => {
  test("throws", () => { throw new Error("no"); });
  test("says much", () => { throw new Error(Array.from({ length: 60 }, (_, line) => "line " + line).join("\\n")); });
  test.skip("is skipped", () => {});
  test.todo("is planned");
  test.each([1, 2])("passes %d", () => {});
});
`;

test("count-tests counts what the test runner reports, and tells why a test counts as failed", async () => {
  await using directory = await tempDirectory();
  await Bun.write(join(directory.path, "sample.test.ts"), sample);
  const report = join(directory.path, "report.xml");
  const run = Bun.spawn(
    [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`],
    { cwd: directory.path, stdout: "ignore", stderr: "ignore" },
  );
  expect(await run.exited).toBe(1);

  const count = Bun.spawn([process.execPath, script, report], { stdout: "pipe", stderr: "pipe" });
  expect(await new Response(count.stdout).text()).toBe("3 5\n");
  const told = await new Response(count.stderr).text();
  expect(told).toContain(
    "\nFailed: is skipped (sample.test.ts:7)\nSkipped, which counts as failed\n",
  );
  expect(told).toContain(
    "\nFailed: is planned (sample.test.ts:8)\nSkipped, which counts as failed\n",
  );
  expect(told).toMatch(/\nFailed: throws \(sample\.test\.ts:5\)\nError: no\n.*sample\.test\.ts:5/);
  expect(told).toContain('\nExpected: "<testcase>"\nReceived: "<skipped />"\n');
  expect(told).toContain("line 39\n... ");
  expect(told).not.toContain("line 40");
  expect(told).not.toContain("passes");
  expect(await count.exited).toBe(0);
});
