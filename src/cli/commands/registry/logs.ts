import { existsSync } from "node:fs";
import { HiveError } from "../../../base/hive-error.ts";
import { followFile, readTail } from "../../../base/follow-file.ts";
import { numberOf } from "../../arguments.ts";
import { defineCommand } from "../../define-command.ts";
import { accessLog, serverLog } from "../../registry/log-files.ts";
import { storageDirectory, storageFlag } from "../../registry/storage-directory.ts";

export const registryLogsCommand = defineCommand({
  args: {
    ...storageFlag,
    access: { type: "boolean", description: "The log of requests instead of the server's own" },
    follow: { type: "boolean", alias: "f", description: "Go on as more is written, until Ctrl-C" },
    tail: {
      type: "string",
      alias: "n",
      default: "100",
      valueHint: "number",
      description: "How many lines from the end",
    },
  },
  async run(app, args) {
    const lines = numberOf("tail", args.tail, 0);
    const storage = storageDirectory(app, args.storage);
    const path = args.access === true ? accessLog(storage) : serverLog(storage);
    if (!existsSync(path)) {
      throw new HiveError("failed", `There is no log "${path}"`, {
        hint: "A registry that was started with --detach writes one; others write to their terminal.",
      });
    }
    const { text, end } = await readTail(path, lines);
    app.stdout.write(text);
    if (args.follow !== true) return;
    app.endBySignal(1000);
    for await (const more of followFile(path, end, app.signal)) app.stdout.write(more);
  },
});
