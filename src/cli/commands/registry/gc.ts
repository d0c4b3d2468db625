import { formatBytes } from "../../../base/format-bytes.ts";
import { openRegistryStore } from "../../../registry/store/open-registry-store.ts";
import { askServer } from "../../../server/ask-server.ts";
import { createGcRunner, type GcReport, type GcRequest } from "../../../server/gc-runner.ts";
import { readServerState, type ServerState } from "../../../server/server-state.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { readDuration } from "../../read-value.ts";
import { storageDirectory, storageFlag } from "../../registry/storage-directory.ts";

/** As the server has it where it is not told otherwise. */
const usualGrace = 3_600_000;
/** A big store takes its time. */
const timeout = 3_600_000;

export const registryGcCommand = defineCommand({
  args: {
    ...storageFlag,
    "dry-run": { type: "boolean", description: "Only say what would be removed" },
    grace: {
      type: "string",
      valueHint: "span",
      description: "Keep what came within this span (default: as the server was started, else 1h)",
    },
    untagged: {
      type: "string",
      valueHint: "span",
      description: "Also remove images that have had no tag for so long",
    },
    json: { type: "boolean", description: "Print what was removed as JSON" },
  },
  async run(app, args) {
    const span = (flag: "grace" | "untagged"): number | undefined => {
      const text = args[flag];
      return text === undefined ? undefined : readDuration(flag, text);
    };
    const request = {
      dryRun: args["dry-run"] === true,
      grace: span("grace"),
      untaggedAfter: span("untagged"),
    };
    const storage = storageDirectory(app, args.storage);
    const state = await readServerState(storage);
    const report =
      state === undefined
        ? await collectHere(app, storage, request)
        : await askForCollection(app, state, request);
    if (args.json === true) return printJson(app.stdout, report);
    const { manifests, blobs, bytes } = report;
    const what = `${manifests} images and ${blobs} blobs, ${formatBytes(bytes)}`;
    app.stdout.write(`${report.dryRun ? "Would remove" : "Removed"} ${what}\n`);
  },
});

/** No server runs: the store is this process's alone for the time. */
async function collectHere(app: App, storage: string, request: GcRequest): Promise<GcReport> {
  await using store = await openRegistryStore({
    directory: storage,
    sync: "always",
    membership: "repository",
    onWarning: (text) => app.log.warn(text),
  });
  await using gc = createGcRunner({
    store,
    settings: { interval: 0, grace: usualGrace, untaggedAfter: undefined },
    offline: true,
    onError: (error) => app.log.error(error.message),
  });
  return await gc.run(request);
}

async function askForCollection(
  { signal }: App,
  state: ServerState,
  { dryRun, grace, untaggedAfter }: GcRequest,
): Promise<GcReport> {
  const query = new URLSearchParams({ "dry-run": String(dryRun) });
  if (grace !== undefined) query.set("grace", String(grace));
  if (untaggedAfter !== undefined) query.set("untagged-after", String(untaggedAfter));
  const answer = await askServer(state, {
    method: "POST",
    request: `gc?${query.toString()}`,
    timeout,
    signal,
  });
  return answer as GcReport;
}
