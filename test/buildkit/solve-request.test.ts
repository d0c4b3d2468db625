import { expect, test } from "bun:test";
import { createSolveRequest } from "../../src/buildkit/solve-request.ts";
import { createMemoryTree } from "../../src/buildkit/memory-tree.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const ids = { ref: "r", session: "s" };
const minimal = {
  dockerfile: { name: "Dockerfile", bytes: bytes("FROM scratch\n") },
  context: createMemoryTree([], 1n),
  sharedKey: "key",
  platform: { os: "linux", architecture: "arm64" },
  exporter: { type: "image", attrs: { name: "a/b:1" } },
} as const;

function attrsOf(type: string, attrs: Record<string, string>): unknown {
  return createSolveRequest({ ...minimal, exporter: { type, attrs } }, ids).Exporters[0]?.Attrs;
}

test("createSolveRequest() names one exporter for new and old daemons, with OCI media types", () => {
  const request = createSolveRequest(minimal, ids);
  const attrs = { name: "a/b:1", "oci-mediatypes": "true" };
  expect(request).toMatchObject({
    Ref: "r",
    Session: "s",
    Frontend: "dockerfile.v0",
    ExporterDeprecated: "image",
    ExporterAttrsDeprecated: attrs,
  });
  expect(request.Exporters).toMatchObject([{ Type: "image", Attrs: attrs }]);
  expect(request.FrontendAttrs).toEqual({
    filename: "Dockerfile",
    platform: "linux/arm64",
    cmdline: "dockerfile.v0",
  });
});

test("createSolveRequest() without an exporter leaves the result at the daemon", () => {
  const { exporter: _, ...request } = minimal;
  const { Exporters, ExporterDeprecated } = createSolveRequest(request, ids);
  expect([Exporters, ExporterDeprecated]).toEqual([[], ""]);
});

test("createSolveRequest() leaves a chosen media type and other exporters alone", () => {
  expect(attrsOf("image", { "oci-mediatypes": "false" })).toEqual({ "oci-mediatypes": "false" });
  expect(attrsOf("local", { mode: "copy" })).toEqual({ mode: "copy" });
});

test("createSolveRequest() writes arguments, labels, contexts, target and caches as attributes", () => {
  const cache = { type: "registry", attrs: { ref: "cache/x" } };
  const request = createSolveRequest(
    {
      ...minimal,
      dockerfile: { name: "sub/File", bytes: bytes("# syntax=example/frontend\nFROM a\n") },
      target: "final",
      buildArgs: { A: "1=2" },
      labels: { "org.example": "x" },
      namedContexts: { "hive/base:1.0": "docker-image://127.0.0.1:5000/base:1.0" },
      frontendAttrs: { "no-cache": "", filename: "other" },
      cacheImports: [cache],
      cacheExports: [cache],
    },
    ids,
  );
  expect(request.FrontendAttrs).toEqual({
    filename: "other",
    platform: "linux/arm64",
    target: "final",
    "build-arg:A": "1=2",
    "label:org.example": "x",
    "context:hive/base:1.0": "docker-image://127.0.0.1:5000/base:1.0",
    "no-cache": "",
    "cache-imports": '[{"Type":"registry","Attrs":{"ref":"cache/x"}}]',
  });
  expect(request.Cache?.Exports).toMatchObject([{ Type: "registry", Attrs: { ref: "cache/x" } }]);
});
