import { expect, test } from "bun:test";
import { appendFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildRecord, openBuildRecords } from "../../src/inputs/build-records.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { sampleInputs } from "./support/sample-inputs.ts";

function record(target: string, time: number): BuildRecord {
  return {
    target,
    time,
    key: `key ${target} ${time}`,
    digest: digestOf(`${target} ${time}`),
    inputs: sampleInputs,
  };
}

test("what one run remembers another one finds: the newest of each target", async () => {
  await using directory = await tempDirectory();
  const first = openBuildRecords(directory.path, "first");
  const second = openBuildRecords(directory.path, "second");
  second.remember(record("app", 2));
  first.remember(record("app", 1));
  first.remember(record("base", 1));
  const records = openBuildRecords(directory.path);
  expect(records.find("app")).toEqual(record("app", 2));
  expect(records.find("base")).toEqual(record("base", 1));
  expect(records.findKey("key app 1")).toBe(digestOf("app 1"));
  expect(records.newest()).toEqual(record("app", 2));
});

test("a line that was not finished, or is damaged, is none", async () => {
  await using directory = await tempDirectory();
  openBuildRecords(directory.path, "run").remember(record("app", 1));
  const path = join(directory.path, "run.jsonl");
  await appendFile(
    path,
    `{"target":1}\nnull\n\u0000\u0000\n${JSON.stringify(record("base", 1)).slice(0, 50)}`,
  );
  const records = openBuildRecords(directory.path);
  expect(records.all()).toEqual([record("app", 1)]);
});

test.each([{ epoch: "soon" }, { epoch: 1e300 }, { epoch: {} }, { native: 1 }])(
  "a record with %j among its inputs is none",
  async (inputs) => {
    await using directory = await tempDirectory();
    const { inputs: own, ...rest } = record("app", 1);
    const line = JSON.stringify({ ...rest, inputs: { ...own, ...inputs } });
    await writeFile(join(directory.path, "run.jsonl"), `${line}\n`);
    expect(openBuildRecords(directory.path).all()).toEqual([]);
  },
);

test("compact() makes one file of those of dead runs, without records that nobody wants", async () => {
  await using directory = await tempDirectory();
  for (let run = 0; run < 12; run++) {
    const records = openBuildRecords(directory.path, `run${run}`);
    records.remember(record("app", run));
    records.remember(record(`other${run}`, run));
  }
  await Bun.write(join(directory.path, "killed.tmp"), "half");
  const own = openBuildRecords(directory.path, "own");
  const meanwhile = openBuildRecords(directory.path, "run1");
  meanwhile.remember(record("late", 1));
  await own.compact(["/tmp/run1"], ({ target }) => target !== "other3");
  expect((await readdir(directory.path)).toSorted()).toEqual(["own.jsonl", "run1.jsonl"]);
  const records = openBuildRecords(directory.path);
  expect(records.find("app")).toEqual(record("app", 11));
  expect(records.find("late")).toEqual(record("late", 1));
  expect(records.find("other3")).toBeUndefined();
  expect(records.all()).toHaveLength(13);
});

test("compact() leaves few records alone", async () => {
  await using directory = await tempDirectory();
  const records = openBuildRecords(directory.path, "run");
  records.remember(record("app", 1));
  await records.compact([], () => false);
  expect(openBuildRecords(directory.path).all()).toHaveLength(1);
});

test("what is no record is none: of another version, or made by somebody to lead us elsewhere", async () => {
  await using directory = await tempDirectory();
  const good = record("app", 1);
  const { inputs } = good;
  const bad = [
    null,
    [],
    { ...good, time: 1e300 },
    { ...good, digest: "sha256:../../x" },
    { ...good, key: 1 },
    { ...good, inputs: { frontend: "v1" } },
    { ...good, inputs: { ...inputs, context: "sha256:../../../../../dev/zero" } },
    { ...good, inputs: { ...inputs, labels: { a: 1 } } },
    { ...good, inputs: { ...inputs, ssh: "default" } },
    { ...good, inputs: { ...inputs, parents: [{ digest: "x" }] } },
    { ...good, inputs: { ...inputs, bases: null } },
  ];
  const lines = bad.map((value) => `${JSON.stringify(value)}\n`).join("");
  await Bun.write(join(directory.path, "1.jsonl"), lines);
  expect(openBuildRecords(directory.path).all()).toEqual([]);
  await appendFile(join(directory.path, "1.jsonl"), JSON.stringify(good));
  expect(openBuildRecords(directory.path).all()).toEqual([good]);
});
