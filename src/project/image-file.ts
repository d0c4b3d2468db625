import type { z } from "zod";
import type { Diagnostic } from "../base/diagnostic.ts";
import { diagnosticAt, type SourceText } from "../base/source-text.ts";
import type { imageSchema } from "./schema/image-schema.ts";
import { rangeAt, type YamlNode } from "./yaml-node.ts";

/** image.yml after the schema: the data, and the tree that knows the places. */
export type ImageFile = {
  readonly source: SourceText;
  readonly node: YamlNode;
  readonly data: z.output<typeof imageSchema>;
};

/** A finding at `path` of image.yml; an error unless it says otherwise. */
export function imageFinding(
  image: ImageFile,
  path: readonly (string | number)[],
  finding: Omit<Diagnostic, "place" | "lineText" | "severity"> & {
    readonly severity?: Diagnostic["severity"];
  },
): Diagnostic {
  const range = path.length === 0 ? ([0, 1] as const) : rangeAt(image.node, path);
  return diagnosticAt(image.source, range, { severity: "error", ...finding });
}
