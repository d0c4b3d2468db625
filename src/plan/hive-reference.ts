import { hivePrefix } from "../dockerfile/rewrite-hive-references.ts";

/** A reference to an image of the same project: `__hive__/name[:tag][@digest]`. */
export type HiveReference = {
  /** All behind `__hive__/`. */
  readonly text: string;
  readonly name: string;
  readonly tag?: string;
};

/** Reads a reference, or undefined when it is not one to the project. Whether there is such an image is not looked at. */
export function readHiveReference(image: string): HiveReference | undefined {
  if (!image.startsWith(hivePrefix)) return undefined;
  const text = image.slice(hivePrefix.length);
  const [bare = ""] = text.split("@", 1);
  const colon = bare.indexOf(":", bare.lastIndexOf("/") + 1);
  if (colon === -1) return { text, name: bare };
  return { text, name: bare.slice(0, colon), tag: bare.slice(colon + 1) };
}
