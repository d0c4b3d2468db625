import { expect, test } from "bun:test";
import { createSourceText, lineTextAt, placeAt } from "../../src/base/source-text.ts";
import {
  asWritten,
  replaceWord,
  writtenFinding,
  writtenLines,
  writtenPlace,
} from "../../src/render/rendered-file.ts";

const text = "FROM WORD\nCOPY --from=WORD WORD /x\nEND WORD";
const source = createSourceText("Dockerfile", text);
const file = { source, path: "/Dockerfile", isTemplate: false };

test.each(["w", "longer than the word", ""])(
  "replaceWord() leads every character back to where it was, with %p instead of the word",
  (replacement) => {
    const replaced = replaceWord(asWritten(file), "WORD", replacement);
    expect(replaced.source.text).toBe(text.replaceAll("WORD", replacement));
    for (const [offset, character] of replaced.source.text.split("").entries()) {
      const place = placeAt(replaced.source, offset);
      const written = writtenPlace(replaced, place);
      const at = lineTextAt(source, written.line).slice(written.column - 1);
      expect(written.line).toBe(place.line);
      expect(at.startsWith("WORD") || at.startsWith(character) || character === "\n").toBe(true);
    }
  },
);

test("writtenPlace() underlines the whole word, and what goes over it", () => {
  const replaced = replaceWord(asWritten(file), "WORD", "a/b:1");
  const at = (part: string, from = 0): string => {
    const start = replaced.source.text.indexOf(part, from);
    const place = writtenPlace(replaced, placeAt(replaced.source, start, start + part.length));
    const line = lineTextAt(source, place.line);
    return line.slice(place.column - 1, place.column - 1 + (place.length ?? 1));
  };
  expect([at("a/b:1"), at("/b"), at("from=a"), at("1 a"), at(" /x")]).toEqual([
    "WORD",
    "WORD",
    "from=WORD",
    "WORD WORD",
    " /x",
  ]);
});

test("what is as written keeps its places and lines", () => {
  const plain = replaceWord(asWritten(file), "NOT THERE", "x");
  const place = placeAt(source, 5, 9);
  const finding = { code: "HV2001", severity: "error", message: "", place } as const;
  expect(writtenFinding(plain, finding)).toBe(finding);
  expect(writtenLines(plain)).toEqual([1, 2, 3]);
});

test("replaceWord() twice leads back through both", () => {
  const once = replaceWord(asWritten(file), "WORD", "NOUN");
  const twice = replaceWord(once, "NOUN /x", "y");
  const start = twice.source.text.indexOf("y");
  expect(writtenPlace(twice, placeAt(twice.source, start))).toEqual(
    placeAt(source, text.indexOf("WORD /x"), text.indexOf("WORD /x") + 7),
  );
  expect(writtenLines(twice)).toEqual([1, 2, 3]);
});
