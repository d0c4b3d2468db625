import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { renderLock } from "../../src/lock/render-lock.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { loadProject } from "../../src/project/load-project.ts";
import { rejection } from "../support/rejection.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

const image = 'tags: [{ name: "1" }]\n';
const digest = digestOf("x");

async function load(lock: string | undefined) {
  const files = lock === undefined ? {} : { "hive.lock": lock };
  await using project = await tempProject({ ...appProject(image), ...files });
  return await loadProject(project.root);
}

describe("hive.lock", () => {
  test("is read as it was written, in an order of its own", async () => {
    const pins = new Map([
      ["example.test:5000/b", digest],
      ["alpine:3.22", digestOf("y")],
    ]);
    const text = renderLock(pins);
    expect(renderLock(new Map([...pins].toReversed()))).toBe(text);
    expect((await load(text)).project.pins).toEqual(pins);
    expect((await load(renderLock(new Map()))).project.pins).toEqual(new Map());
    expect((await load(undefined)).project.pins).toBeUndefined();
  });

  test.each([
    {
      what: "no digest",
      lock: "version: 1\nimages:\n  a: latest\n",
      line: 3,
      says: 'the pin of "a"',
    },
    { what: "a newer version", lock: "version: 2\nimages: {}\n", line: 1, says: "version: 1" },
    { what: "no version", lock: "images: {}\n", line: 1, says: "version: 1" },
    { what: "a list", lock: "- a\n", line: 1, says: "expected a map" },
    { what: "a list of images", lock: "version: 1\nimages: [a]\n", line: 2, says: "images" },
    { what: "an unknown key", lock: "version: 1\npins: {}\n", line: 2, says: "pins" },
    {
      what: "a merge conflict",
      lock: `version: 1\nimages:\n<<<<<<< HEAD\n  "a": ${digest}\n=======\n  "a": ${digest}\n>>>>>>> x\n`,
      line: 3,
      says: "Cannot read YAML",
    },
    {
      what: "one reference twice",
      lock: `version: 1\nimages:\n  "a": ${digest}\n  "a": ${digest}\n`,
      line: 4,
      says: "Duplicate",
    },
  ])("with $what is an error with its place", async ({ lock, line, says }) => {
    const error = await rejection(load(lock));
    const [finding] = error instanceof HiveError ? error.diagnostics : [];
    expect(finding?.message).toContain(says);
    expect(finding?.place).toMatchObject({ file: "hive.lock", line });
    expect(finding?.help).toContain("hive lock");
  });
});
