import { expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { comparePins, lockable, resolveAll } from "../../src/lock/update-pins.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { sampleTarget } from "../build/sample-target.ts";
import { rejection } from "../support/rejection.ts";

const [one, two] = [digestOf("one"), digestOf("two")];

test("lockable() leaves out what brings its digest, and names each reference once", () => {
  const targets = ["b:1", "a", `c@${one}`, "b:1"].map((reference) =>
    sampleTarget("app", { externals: [{ reference }] }),
  );
  expect(lockable({ targets })).toEqual(["a", "b:1"]);
});

test("comparePins() tells what is new, gone and moved", () => {
  const before = new Map([
    ["gone", one],
    ["moved", one],
    ["same", one],
  ]);
  const after = new Map([
    ["new", one],
    ["moved", two],
    ["same", one],
  ]);
  expect(comparePins(before, after)).toEqual([
    { reference: "gone", from: one },
    { reference: "moved", from: one, to: two },
    { reference: "new", to: one },
  ]);
});

test("resolveAll() tells all that failed at once", async () => {
  const resolve = async (reference: string) => {
    if (reference === "good") return one;
    throw new HiveError("unreachable", `no ${reference}`, { hint: "wait" });
  };
  expect(await resolveAll(["good"], resolve)).toEqual(new Map([["good", one]]));
  const error = await rejection(resolveAll(["good", "bad", "worse"], resolve));
  expect(error).toMatchObject({ kind: "unreachable", hint: "wait" });
  expect((error as Error).message).toContain("bad: no bad\n  worse: no worse");
});
