import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { planRemovals, type TagGraph } from "../../../src/distribute/prune/plan-removals.ts";
import { type Digest, digestOf } from "../../../src/oci/digest.ts";
import { referrersTag } from "../../../src/remote/manifests/referrers-tag.ts";

const d = (name: string): Digest => digestOf(name);
const sig = (name: string): string => `${referrersTag(d(name))}.sig`;

type Written = {
  readonly tags: Readonly<Record<string, string>>;
  readonly needs?: Readonly<Record<string, readonly string[]>>;
  readonly referrers?: Readonly<Record<string, readonly string[]>>;
};

function graph({ tags, needs = {}, referrers = {} }: Written): TagGraph {
  const edges = (written: Readonly<Record<string, readonly string[]>>): TagGraph["needs"] =>
    new Map(Object.entries(written).map(([from, to]) => [d(from), to.map(d)]));
  return {
    tags: new Map(Object.entries(tags).map(([tag, name]) => [tag, d(name)])),
    needs: edges(needs),
    referrers: edges(referrers),
  };
}

const cases: readonly (readonly [
  string,
  Written,
  going: readonly string[],
  whole: readonly string[],
  namesOnly: readonly string[],
])[] = [
  ["nothing", { tags: { a: "A" } }, [], [], []],
  ["a tag alone", { tags: { a: "A", b: "B" } }, ["a"], ["a"], []],
  ["one of two tags of an image", { tags: { a: "A", b: "A" } }, ["a"], [], ["a"]],
  [
    "a platform whose index stays",
    { tags: { i: "I", p: "P" }, needs: { I: ["P", "Q"] } },
    ["p"],
    [],
    ["p"],
  ],
  [
    "a platform in an index of an index that stays",
    { tags: { i: "I", p: "P" }, needs: { I: ["J"], J: ["P"] } },
    ["p"],
    [],
    ["p"],
  ],
  [
    "an index and its platform",
    { tags: { i: "I", p: "P" }, needs: { I: ["P"] } },
    ["i", "p"],
    ["i", "p"],
    [],
  ],
  [
    "the subject of what stays under a tag",
    { tags: { a: "A", sbom: "S" }, needs: { S: ["A"] } },
    ["a"],
    [],
    ["a"],
  ],
  [
    "a referrer whose subject stays",
    { tags: { a: "A", sbom: "S" }, needs: { S: ["A"] }, referrers: { A: ["S"] } },
    ["sbom"],
    [],
    ["sbom"],
  ],
  [
    "a signature with its image, before it",
    { tags: { a: "A", [sig("A")]: "X" } },
    ["a"],
    [sig("A"), "a"],
    [],
  ],
  [
    "no signature of an image that another tag keeps",
    { tags: { a: "A", b: "A", [sig("A")]: "X" } },
    ["a"],
    [],
    ["a"],
  ],
  [
    "no signature of a platform that stays",
    { tags: { i: "I", j: "J", [sig("P")]: "X" }, needs: { I: ["P"], J: ["P"] } },
    ["i"],
    ["i"],
    [],
  ],
  [
    "the signature of a signature, and that of an SBOM that only a list of referrers has",
    {
      tags: { a: "A", [sig("A")]: "X", [sig("X")]: "Y", [sig("S")]: "Z" },
      referrers: { A: ["S"] },
    },
    ["a"],
    [sig("X"), sig("S"), sig("A"), "a"],
    [],
  ],
  [
    "the list of referrers with what it is of",
    {
      tags: { a: "A", [referrersTag(d("A"))]: "L" },
      needs: { L: ["S"] },
      referrers: { A: ["S"] },
    },
    ["a"],
    [referrersTag(d("A")), "a"],
    [],
  ],
  ["no signature of what nobody knows", { tags: { a: "A", [sig("?")]: "X" } }, ["a"], ["a"], []],
  [
    "no signature that stands for what a tag stands for",
    { tags: { a: "A", b: "X", [sig("A")]: "X" } },
    ["a"],
    ["a"],
    [sig("A")],
  ],
  [
    "no endless circle",
    { tags: { a: "A", b: "B" }, needs: { A: ["B"], B: ["A"] } },
    ["a"],
    [],
    ["a"],
  ],
];

describe("what goes with tags", () => {
  test.each(cases)("%s", (_, written, going, whole, namesOnly) => {
    const removals = planRemovals(graph(written), new Set(going));
    expect(new Set(removals.whole)).toEqual(new Set(whole));
    expect(removals.namesOnly).toEqual([...namesOnly]);
    // What is attached goes first: who is stopped half-way comes by it again.
    expect(removals.whole.slice(-going.length)).toEqual(whole.slice(-going.length));
  });
});

const names = ["A", "B", "C", "D", "E", "F", "G"];
const someNames = fc.subarray(names, { maxLength: 3 });
const edges = fc.dictionary(fc.constantFrom(...names), someNames, { maxKeys: 6 });
const tag = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "c", "d", "e", "f") },
  { weight: 2, arbitrary: fc.constantFrom(...names).map(sig) },
  { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => referrersTag(d(name))) },
);
const written = fc.record({
  tags: fc.dictionary(tag, fc.constantFrom(...names), { maxKeys: 10 }),
  needs: edges,
  referrers: edges,
});

/** The same question asked in the plainest way. */
function reachable({ needs }: TagGraph, roots: Iterable<Digest>): Set<Digest> {
  const found = new Set(roots);
  for (const one of found) for (const next of needs.get(one) ?? []) found.add(next);
  return found;
}

describe("of any repository", () => {
  test("nothing goes that a tag that stays needs, and what is attached to what stays, stays", () => {
    fc.assert(
      fc.property(written, fc.func(fc.boolean()), (what, isGoing) => {
        const all = graph(what);
        const images = [...all.tags.keys()].filter((one) => !one.startsWith("sha256-"));
        const going = new Set(images.filter((one) => isGoing(one)));
        const { whole, namesOnly } = planRemovals(all, going);
        const gone = new Set([...whole, ...namesOnly]);
        expect(gone.size).toBe(whole.length + namesOnly.length);
        const staying = [...all.tags].filter(([one]) => !gone.has(one));
        const needed = reachable(
          all,
          staying.map(([, digest]) => digest),
        );
        for (const one of whole) expect(needed.has(all.tags.get(one) ?? d("?"))).toBe(false);
        for (const one of images) expect(gone.has(one)).toBe(going.has(one));
        const keys = new Set([...needed].map(referrersTag));
        for (const one of gone) {
          const subject = /^sha256-[0-9a-f]{64}/.exec(one)?.[0];
          if (subject !== undefined) expect(keys.has(subject)).toBe(false);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
