import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "../base/diagnostic.ts";
import { lineTextAt, type SourceText } from "../base/source-text.ts";
import { isMissingFile } from "../base/system-error.ts";
import { hivePrefix, reservedPrefix } from "../dockerfile/rewrite-hive-references.ts";
import { parseReference } from "../oci/reference.ts";
import type { Project, Setting } from "../project/project.ts";
import { contextNameOf } from "./context-name.ts";
import type { Unit } from "./expand-units.ts";

/** The named contexts of a unit, by their names as BuildKit looks them up. */
export type NamedContexts = ReadonlyMap<string, NamedContext>;

export type NamedContext = {
  /** `docker-image://REF`, `__hive__/name:tag`, a URL, or `local:` and an absolute path. */
  readonly value: string;
  readonly setting: Setting;
};

type ReadOptions = {
  readonly sources: ReadonlyMap<string, SourceText>;
  /** Real paths that directories may be in. */
  readonly inside: readonly string[];
  readonly report: (finding: Diagnostic) => void;
};

const forms =
  "a context is a directory of the project, relative to the image's own, docker-image://REF, __hive__/NAME:TAG, or a Git or HTTP URL";

/** Reads a unit's contexts; looks whether directories are there. Images of the project are not looked up. */
export function readContexts(unit: Unit, options: ReadOptions): NamedContexts {
  const contexts = new Map<string, NamedContext>();
  for (const [name, setting] of unit.build.contexts) {
    const fail = (message: string, help: string): undefined => {
      const source = options.sources.get(setting.place.file);
      options.report({
        code: "HV3007",
        severity: "error",
        message,
        place: setting.place,
        lineText: source && lineTextAt(source, setting.place.line),
        help,
      });
    };
    const key = readName(name, fail);
    const value = readValue(setting.value, {
      directory: unit.image.files.directory,
      fail,
      options,
    });
    if (key !== undefined && value !== undefined) contexts.set(key, { value, setting });
  }
  return contexts;
}

/** Real paths of the directories that a project's contexts may be in: its own, and where `images` leads to. */
export function projectDirectories({ root }: Project): string[] {
  return [root, resolve(root, "images")].flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      return [];
    }
  });
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
    return contextNameOf(name);
  } catch {
    return fail(
      `Cannot name a context "${name}": it is no name of an image or a stage`,
      "a name has lower-case letters and digits, joined by - . _ or __",
    );
  }
}

type ValueOptions = {
  readonly directory: string;
  readonly fail: Fail;
  readonly options: ReadOptions;
};

function readValue(value: string, { directory, fail, options }: ValueOptions): string | undefined {
  if (value.startsWith(hivePrefix)) return value;
  const image = /^docker-image:\/\/(.*)$/s.exec(value)?.[1];
  if (image?.startsWith(hivePrefix) === true) {
    return fail(
      `Cannot use context "${value}": an image of the project has no docker-image://`,
      `write ${image}`,
    );
  }
  if (image !== undefined) {
    try {
      parseReference(image);
      return value;
    } catch (error) {
      return fail(`Cannot use context "${value}": ${(error as SyntaxError).message}`, forms);
    }
  }
  if (/^(?:https?|git|ssh):\/\/|^git@[^/]+:/.test(value)) return value;
  if (value === "" || /^[\w+.-]+:/.test(value)) return fail(`Cannot use context "${value}"`, forms);
  return readDirectory(value, { directory, fail, options });
}

function readDirectory(
  written: string,
  { directory, fail, options }: ValueOptions,
): string | undefined {
  const refuse = (reason: string): undefined =>
    fail(`Cannot use context "${written}": ${reason}`, forms);
  try {
    const real = realpathSync(resolve(directory, written));
    if (!options.inside.some((root) => real === root || real.startsWith(`${root}/`))) {
      return refuse("it leads out of the project");
    }
    return statSync(real).isDirectory() ? `local:${real}` : refuse("it is not a directory");
  } catch (error) {
    if (isMissingFile(error))
      return refuse(`there is no directory "${resolve(directory, written)}"`);
    return refuse((error as Error).message);
  }
}
