import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { requireEnv } from "../support/require-env.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { type RegistryKind, startRegistryProcess } from "./support/registry-process.ts";

type Results = {
  readonly failed: number;
  readonly skipped: number;
  readonly tests: number;
  readonly skippedNames: readonly string[];
};

const kinds: readonly RegistryKind[] = ["disk", "ephemeral"];

/** The suite of November 2023, which is what can be had as a module without more. */
describe("the conformance suite of specification 1.1.0-rc", () => {
  test.each(kinds)("finds nothing with a store of kind %s", async (kind) => {
    await using registry = await startRegistryProcess(kind);
    const results = await runSuite(requireEnv("HIVE_TEST_CONFORMANCE_2023"), (directory) => ({
      OCI_ROOT_URL: registry.url,
      OCI_NAMESPACE: "conformance/one",
      OCI_CROSSMOUNT_NAMESPACE: "conformance/two",
      OCI_AUTOMATIC_CROSSMOUNT: "1",
      OCI_TEST_PULL: "1",
      OCI_TEST_PUSH: "1",
      OCI_TEST_CONTENT_DISCOVERY: "1",
      OCI_TEST_CONTENT_MANAGEMENT: "1",
      OCI_REPORT_DIR: directory,
    }));
    expect(results).toMatchObject({ failed: 0, tests: 80 });
    // Four tests have a twin, and only one of the two can run: the test is set up by pushing or by the environment,
    // and a registry can mount or it can't. These are the twins for registries that do not take pushes, or mounts.
    expect(results.skippedNames).toEqual([
      expect.stringContaining("Get tag name from environment"),
      expect.stringContaining("Cross-mounting of nonexistent blob should yield session id"),
      expect.stringContaining("automatic content discovery disabled should return a 202"),
      expect.stringContaining("Populate registry with test tags (no push)"),
    ]);
    expect(registry.errors()).toBe("");
  });
});

const current = process.env["HIVE_TEST_CONFORMANCE"] ?? "";

/** The suite as it is now. Not everybody can get it: scripts/test.sh tries, and says which suites it has. */
if (current !== "") {
  describe("the current conformance suite", () => {
    const runs = kinds.flatMap<[RegistryKind, string, number]>((kind) => [
      [kind, "1.1", 900],
      [kind, "dev", 1000],
    ]);
    test.each(runs)(
      "finds nothing with a store of kind %s, by specification %s",
      async (kind, version, least) => {
        await using registry = await startRegistryProcess(kind);
        const results = await runSuite(current, (directory) => ({
          OCI_REGISTRY: registry.address,
          OCI_TLS: "disabled",
          OCI_REPO1: "conformance/one",
          OCI_REPO2: "conformance/two",
          OCI_VERSION: version,
          OCI_DATA_SPARSE: "true",
          OCI_RESULTS_DIR: directory,
        }));
        expect(results).toMatchObject({ failed: 0, skipped: 0, skippedNames: [] });
        expect(results.tests).toBeGreaterThan(least);
        expect(registry.errors()).toBe("");
      },
    );
  });
}

/** Runs a suite to its end. What counts is the results it wrote: it exits with 0 also when it could not start. */
async function runSuite(
  binary: string,
  settings: (directory: string) => Readonly<Record<string, string>>,
): Promise<Results> {
  await using directory = await tempDirectory();
  const { PATH = "", HOME = "" } = process.env;
  await using suite = Bun.spawn([binary], {
    cwd: directory.path,
    env: { PATH, HOME, ...settings(directory.path) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const output = await suite.stdout.text();
  await suite.exited;
  const report = Bun.file(join(directory.path, "junit.xml"));
  if (!(await report.exists())) throw new Error(`The suite wrote no results, but:\n${output}`);
  const results = readResults(await report.text());
  if (results.failed > 0) throw new Error(`The suite found faults:\n${output}`);
  return results;
}

function readResults(report: string): Results {
  const suite = /<testsuite [^>]*>/.exec(report)?.[0] ?? "";
  const count = (name: string): number =>
    Number(new RegExp(` ${name}="([0-9]+)"`).exec(suite)?.[1] ?? 0);
  return {
    tests: count("tests"),
    failed: count("failures") + count("errors"),
    skipped: count("skipped"),
    skippedNames: [...report.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped/g)].map(
      ([, name = ""]) => name,
    ),
  };
}
