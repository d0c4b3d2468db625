import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { isMissingFile } from "../base/system-error.ts";

/** The names a project file may have; the first one there counts. */
const projectFileNames = ["hive.yaml", "hive.yml", "container-hive.yaml", "container-hive.yml"];

/**
 * The absolute path of the project's directory: `explicit` when given, else the first directory from `start` upwards
 * that has a project file.
 * @throws HiveError usage: there is none.
 */
export async function findProject(start: string, explicit?: string): Promise<string> {
  if (explicit !== undefined) {
    const directory = resolve(start, explicit);
    if ((await findProjectFile(directory)) !== undefined) return directory;
    throw new HiveError("usage", `Cannot find a project in "${explicit}": it has no hive.yml`, {
      hint: "Pass the directory that holds hive.yml.",
    });
  }
  const first = resolve(start);
  for (let directory = first; ; directory = dirname(directory)) {
    if ((await findProjectFile(directory)) !== undefined) return directory;
    if (directory === dirname(directory)) break;
  }
  throw new HiveError("usage", `Cannot find a project: no hive.yml in "${first}" or above it`, {
    hint: "Change to a project's directory, or name one with --project.",
  });
}

/** The name of the project file in `directory`, or undefined. */
export async function findProjectFile(directory: string): Promise<string | undefined> {
  for (const name of projectFileNames) {
    try {
      if ((await stat(join(directory, name))).isFile()) return name;
    } catch (error) {
      if (!isMissingFile(error)) throw error;
    }
  }
  return undefined;
}
