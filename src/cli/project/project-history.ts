import { join } from "node:path";
import { HiveError } from "../../base/hive-error.ts";
import { readHistory } from "../../git/read-history.ts";
import { refuseLinks } from "../../oci/refuse-links.ts";
import type { ProjectHistory } from "../../plan/target-times.ts";
import type { Project } from "../../project/project.ts";
import type { App } from "../app.ts";

/** The last second of the year 9999: later times have no RFC 3339. */
const lastEpoch = 253_402_300_799;

/**
 * What git and `SOURCE_DATE_EPOCH` say of a project's past. Where git can't tell, a warning says what that means.
 * @throws HiveError "usage" when the variable is no time, or the store, where it is remembered, has links
 */
export async function projectHistory(app: App, project: Project): Promise<ProjectHistory> {
  const epoch = readEpoch(app.env["SOURCE_DATE_EPOCH"]);
  const known = { directories: new Map(), ...(epoch === undefined ? {} : { epoch }) };
  const directories = project.images.map(({ files }) => files.directory);
  const store = join(project.root, ".hive");
  refuseLinks(store);
  try {
    const history = await readHistory(project.root, directories, {
      environment: app.env,
      signal: app.signal,
      memory: { file: join(store, "history.json"), scratch: join(store, "tmp") },
    });
    if (history?.cut === true && epoch === undefined) {
      app.log.warn(
        "This clone of the repository is shallow: when some images were changed last can't be told, and a full clone " +
          "gives them other digests. Fetch the whole history (fetch-depth: 0), or set SOURCE_DATE_EPOCH.",
      );
    }
    return { ...known, ...history };
  } catch (error) {
    if (!(error instanceof HiveError)) throw error;
    const hint = error.hint === undefined ? "" : ` ${error.hint}`;
    app.log.warn(`${error.message}. Images get no commit, and the time 0.${hint}`);
    return known;
  }
}

function readEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const epoch = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (epoch <= lastEpoch) return epoch;
  throw new HiveError("usage", `SOURCE_DATE_EPOCH is no time: "${text}"`, {
    hint: "It is a number of seconds since 1970, as `git log -1 --format=%ct` prints.",
  });
}
