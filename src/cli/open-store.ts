import { existsSync } from "node:fs";
import { join } from "node:path";
import { HiveError } from "../base/hive-error.ts";
import { type ImageLayout, openLayout } from "../oci/layout.ts";
import { findProject } from "../project/find-project.ts";
import type { App } from "./app.ts";

/** Opens `.hive/` of the project; undefined when nothing was built yet. */
export async function findStore(
  app: App,
  directory: string | undefined,
): Promise<ImageLayout | undefined> {
  const path = join(await findProject(app.cwd, directory), ".hive");
  return existsSync(join(path, "oci-layout")) ? await openLayout(path) : undefined;
}

/**
 * Opens `.hive/` of the project.
 * @throws HiveError "usage" when nothing was built yet.
 */
export async function openStore(app: App, directory: string | undefined): Promise<ImageLayout> {
  const layout = await findStore(app, directory);
  if (layout !== undefined) return layout;
  throw new HiveError("usage", "Nothing was built here yet", { hint: "Run `hive build` first" });
}
