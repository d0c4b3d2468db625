import { readServerState } from "../../../server/server-state.ts";
import { stopServer } from "../../../server/stop-server.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { readDuration } from "../../read-value.ts";
import { storageDirectory, storageFlag } from "../../registry/storage-directory.ts";

export const registryStopCommand = defineCommand({
  args: {
    ...storageFlag,
    now: { type: "boolean", description: "Cut what is under way instead of letting it end" },
    timeout: {
      type: "string",
      default: "60s",
      valueHint: "span",
      description: "How long to wait for its end",
    },
    json: { type: "boolean", description: "Print what was stopped as JSON" },
  },
  async run(app, args) {
    const timeout = readDuration("timeout", args.timeout);
    const storage = storageDirectory(app, args.storage);
    const state = await readServerState(storage);
    // What was asked for is so.
    if (state === undefined) {
      if (args.json === true) return printJson(app.stdout, { storage, stopped: false });
      return app.log.info(`No registry is running on "${storage}"`);
    }
    await stopServer(storage, state, { timeout, now: args.now === true, signal: app.signal });
    if (args.json === true) {
      const { url, pid } = state;
      return printJson(app.stdout, { storage, stopped: true, url, pid });
    }
    app.log.info(`Stopped the registry at ${state.url}`);
  },
});
