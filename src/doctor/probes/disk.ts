import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../../base/cache-directory.ts";
import { formatBytes } from "../../base/format-bytes.ts";
import { freeBytes } from "../../server/free-bytes.ts";
import type { Finding, Probe, World } from "../probe.ts";

/** Bytes: less is soon too little for a family of images. */
const scarce = 2_000_000_000;

/** Whether there is room where hive itself writes. */
export const diskProbe: Probe = {
  name: "disk",
  limit: 5000,
  needs: "nothing",
  async run(_, world) {
    const places = await placesOf(world);
    if (places.length === 0) return [{ status: "skipped", detail: "hive writes nothing here" }];
    return await Promise.all(places.map(async (place) => await look(place)));
  },
};

type Place = { readonly what: string; readonly path: string };

async function placesOf({ env, project, storage }: World): Promise<Place[]> {
  const state = await project;
  const root = state.kind === "read" ? state.project.root : undefined;
  const cache = state.kind === "read" ? state.project.cache : undefined;
  const places = [
    { what: "the images of the project", path: root && join(root, ".hive") },
    { what: "the build cache", path: cache?.type === "local" ? cache.path : undefined },
    { what: "the registry of this machine", path: existing(storage) },
    { what: "what hive downloads", path: existing(cacheDirectory(env)) },
  ];
  return places.flatMap(({ what, path }) => (path === undefined ? [] : { what, path }));
}

/** What was never used needs no room. */
function existing(path: string | undefined): string | undefined {
  return path !== undefined && existsSync(path) ? path : undefined;
}

async function look({ what, path }: Place): Promise<Finding> {
  const free = await freeBytes(nearestExisting(path));
  const where = `${path} (${what})`;
  if (free === undefined) return { status: "skipped", detail: `${where} does not tell` };
  const detail = `${formatBytes(free)} free for ${where}`;
  if (free >= scarce) return { status: "ok", detail };
  const fix = "Make room there: hive registry gc, hive dev prune, or a bigger disk.";
  return { status: "warn", detail: `only ${detail}`, fix };
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}
