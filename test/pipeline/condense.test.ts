import { expect, test } from "bun:test";
import fc from "fast-check";
import { condense } from "../../src/pipeline/condense.ts";

const graphs = fc.array(fc.array(fc.nat(11), { maxLength: 5 }), { minLength: 1, maxLength: 12 });

test("condense() puts together what needs each other, and nothing else, in order", () => {
  fc.assert(
    fc.property(graphs, (edges) => {
      const needs = new Map(edges.map((list, node) => [node, list]));
      const parts = condense(needs);
      expect(parts.flat().toSorted((a, b) => a - b)).toEqual([...needs.keys()]);
      const reaches = (from: number): Set<number> => {
        const seen = new Set([from]);
        for (const node of seen)
          for (const next of needs.get(node) ?? []) if (needs.has(next)) seen.add(next);
        return seen;
      };
      const partOf = new Map(parts.flatMap((part, index) => part.map((node) => [node, index])));
      for (const a of needs.keys()) {
        for (const b of reaches(a)) {
          expect(partOf.get(b)).toBeLessThanOrEqual(partOf.get(a) ?? -1);
          expect(partOf.get(a) === partOf.get(b)).toBe(reaches(b).has(a));
        }
      }
    }),
  );
});

test("condense() follows a chain of a hundred thousand", () => {
  const length = 100_000;
  const needs = new Map(Array.from({ length }, (_, node) => [node, node === 0 ? [] : [node - 1]]));
  expect(condense(new Map([...needs].toReversed()))).toHaveLength(length);
});
