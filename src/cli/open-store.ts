import { join } from "node:path";
import { didYouMean } from "../base/closest.ts";
import { HiveError } from "../base/hive-error.ts";
import { type ImageLayout, isLayout, type LayoutReference, openLayout } from "../oci/layout.ts";
import { findProject } from "../project/find-project.ts";
import type { App } from "./app.ts";

/** Opens `.hive/` of the project; undefined when nothing was built yet. */
export async function openStore(
  app: App,
  directory: string | undefined,
): Promise<ImageLayout | undefined> {
  const path = join(await findProject(app.cwd, directory), ".hive");
  return isLayout(path) ? await openLayout(path) : undefined;
}

/**
 * The image that was built as `reference`, in a store that the caller disposes of.
 * @throws HiveError "usage" when there is none.
 */
export async function findBuilt(
  app: App,
  directory: string | undefined,
  reference: string,
): Promise<{ readonly layout: ImageLayout; readonly image: LayoutReference }> {
  const layout = await openStore(app, directory);
  if (layout === undefined) {
    throw new HiveError("usage", `Cannot find "${reference}": nothing was built here yet`, {
      hint: `Run \`hive build ${reference}\``,
    });
  }
  const built = await layout.references();
  const image = built.find(({ name }) => name === reference);
  if (image !== undefined) return { layout, image };
  layout[Symbol.dispose]();
  const names = built.map(({ name }) => name);
  throw new HiveError("usage", `Cannot find "${reference}" among the images that were built`, {
    hint:
      didYouMean(reference, names) ??
      `Run \`hive list\` to see them, or \`hive build ${reference}\``,
  });
}
