import { numberOf } from "../../arguments.ts";
import { defineCommand } from "../../define-command.ts";
import { logFlags, printLog } from "../../print-log.ts";
import { accessLog, serverLog } from "../../registry/log-files.ts";
import { storageDirectory, storageFlag } from "../../registry/storage-directory.ts";

export const registryLogsCommand = defineCommand({
  args: {
    ...storageFlag,
    access: { type: "boolean", description: "The log of requests instead of the server's own" },
    ...logFlags,
  },
  async run(app, args) {
    const lines = numberOf("tail", args.tail, 0);
    const storage = storageDirectory(app, args.storage);
    const path = args.access === true ? accessLog(storage) : serverLog(storage);
    const hint =
      "A registry that was started with --detach writes one; others write to their terminal.";
    await printLog(app, path, { lines, follow: args.follow === true, hint });
  },
});
