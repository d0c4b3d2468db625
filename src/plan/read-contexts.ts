import { resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineOfPlace, type SourceText } from "../base/source-text.ts";
import { hivePrefix, reservedPrefix } from "../dockerfile/rewrite-hive-references.ts";
import { familiarName } from "../oci/familiar-name.ts";
import { parseReference } from "../oci/reference.ts";
import { contextKind } from "../project/context-kind.ts";
import type { Setting } from "../project/project.ts";
import type { Unit } from "../render/expand-units.ts";
import { imagePrefix, localPrefix } from "./context-value.ts";

/** The named contexts of a unit, by their names as BuildKit looks them up. */
export type NamedContexts = ReadonlyMap<string, NamedContext>;

type NamedContext = {
  /** `docker-image://REF`, `__hive__/name:tag`, a URL, or `local:` and an absolute path. */
  readonly value: string;
  readonly setting: Setting;
};

type ReadOptions = {
  readonly sources: ReadonlyMap<string, SourceText>;
  readonly report: (finding: Diagnostic) => void;
};

/** Reads a unit's contexts. Images of the project are not looked up; that directories are there is known. */
export function readContexts(unit: Unit, { sources, report }: ReadOptions): NamedContexts {
  const contexts = new Map<string, NamedContext>();
  for (const [name, setting] of unit.build.contexts) {
    const { place } = setting;
    const fail = (message: string, help: string): undefined => {
      const lineText = lineOfPlace(sources, place);
      report({ code: "HV3007", severity: "error", message, place, lineText, help });
    };
    const key = readName(name, fail);
    const value = readValue(setting.value, unit.image.files.directory, fail);
    if (key !== undefined && value !== undefined) contexts.set(key, { value, setting });
  }
  return contexts;
}

type Fail = (message: string, help: string) => undefined;

function readName(name: string, fail: Fail): string | undefined {
  if (name.startsWith(hivePrefix) || name.startsWith(reservedPrefix)) {
    return fail(
      `Cannot name a context "${name}": this always means the project's own image`,
      "give it another name, and write that name in the Dockerfile",
    );
  }
  try {
    parseReference(name);
    return familiarName(name);
  } catch {
    return fail(
      `Cannot name a context "${name}": no image and no stage can have this name`,
      "a name has lower-case letters and digits, joined by - . _ or __",
    );
  }
}

function readValue(value: string, directory: string, fail: Fail): string | undefined {
  const kind = contextKind(value);
  if (kind === "directory") return `${localPrefix}${resolve(directory, value)}`;
  if (kind !== "image") return value;
  const image = value.slice(imagePrefix.length);
  if (image.startsWith(hivePrefix)) {
    const message = `Cannot use "${value}" as a context: it is an image of the project`;
    return fail(message, `write ${image}`);
  }
  try {
    parseReference(image);
    return value;
  } catch (error) {
    const { message } = error as SyntaxError;
    return fail(`Cannot use "${value}" as a context: ${message}`, "write docker-image://NAME:TAG");
  }
}
