import { expect, test } from "bun:test";
import { readErrorDetails } from "../../src/buildkit/error-details.ts";

type Details = Parameters<typeof readErrorDetails>[0];

function detailsOf(...details: readonly (readonly [type: string, value: unknown])[]): Details {
  return details.map(([typeUrl, value]) => ({
    typeUrl,
    value: new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)),
  }));
}

test("readErrorDetails() reads sources and the step under any type prefix", () => {
  const dockerfile = "FROM scratch\nRUN false\n";
  const details = readErrorDetails(
    detailsOf(
      ["github.com/moby/buildkit/stack.Stack+json", { frames: [] }],
      [
        "github.com/moby/buildkit/errdefs.Source+json",
        {
          info: { filename: "Dockerfile", data: Buffer.from(dockerfile).toString("base64") },
          ranges: [
            { start: { line: 2 }, end: { line: 2, character: 9 } },
            { start: { line: 4 }, end: {} },
          ],
        },
      ],
      ["errdefs.Vertex+json", { digest: "sha256:1" }],
    ),
  );
  expect(details.step).toBe("sha256:1");
  expect(details.sources).toHaveLength(1);
  const [source] = details.sources;
  expect(source?.filename).toBe("Dockerfile");
  expect(new TextDecoder().decode(source?.data)).toBe(dockerfile);
  expect(source?.ranges).toEqual([
    { start: 2, end: 2 },
    { start: 4, end: 4 },
  ]);
});

test("readErrorDetails() leaves out what it can't read", () => {
  const nothing = { sources: [], step: undefined };
  const broken = detailsOf(["x/errdefs.Source+json", "{"], ["x/errdefs.Vertex+json", "[]"]);
  expect(readErrorDetails(broken)).toEqual(nothing);
});
