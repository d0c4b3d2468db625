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
  test.skip("is skipped", () => {});
  test.todo("is planned");
  test.each([1, 2])("passes %d", () => {});
});
`;

test("count-tests counts what the test runner reports, skipped and planned tests as failed", async () => {
  await using directory = await tempDirectory();
  await Bun.write(join(directory.path, "sample.test.ts"), sample);
  const report = join(directory.path, "report.xml");
  const run = Bun.spawn(
    [process.execPath, "test", "--reporter=junit", `--reporter-outfile=${report}`],
    { cwd: directory.path, stdout: "ignore", stderr: "ignore" },
  );
  expect(await run.exited).toBe(1);

  const count = Bun.spawn([process.execPath, script, report], { stdout: "pipe", stderr: "pipe" });
  expect(await new Response(count.stdout).text()).toBe("3 4\n");
  const named = await new Response(count.stderr).text();
  expect(named).toContain("is skipped");
  expect(named).toContain("is planned");
  expect(await count.exited).toBe(0);
});
