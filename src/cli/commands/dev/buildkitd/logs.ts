import { existsSync } from "node:fs";
import { followFile, readTail } from "../../../../base/follow-file.ts";
import { HiveError } from "../../../../base/hive-error.ts";
import { containerLog } from "../../../../daemon/container/container-log.ts";
import { daemonPaths } from "../../../../daemon/daemon-paths.ts";
import { readDaemonState } from "../../../../daemon/daemon-state.ts";
import { numberOf } from "../../../arguments.ts";
import { defineCommand } from "../../../define-command.ts";

export const buildkitdLogsCommand = defineCommand({
  args: {
    follow: { type: "boolean", alias: "f", description: "Go on as more is written, until Ctrl-C" },
    lines: {
      type: "string",
      alias: "n",
      default: "100",
      valueHint: "number",
      description: "How many lines from the end",
    },
  },
  async run(app, args) {
    const { env, signal, stdout } = app;
    const lines = numberOf("lines", args.lines, 0);
    const follow = args.follow === true;
    const paths = daemonPaths(env);
    const state = await readDaemonState(paths);
    if (follow) app.endBySignal(1000);
    if (state?.runs.kind === "container") {
      try {
        const log = containerLog(state.runs, { env, lines, follow, signal });
        for await (const text of log) stdout.write(text);
      } catch (error) {
        if (!follow || !signal.aborted) throw error;
      }
      return;
    }
    if (!existsSync(paths.log)) {
      throw new HiveError("failed", `There is no log "${paths.log}"`, {
        hint: "`hive dev buildkitd start` starts what writes it.",
      });
    }
    const { text, end } = await readTail(paths.log, lines);
    stdout.write(text);
    if (!follow) return;
    for await (const more of followFile(paths.log, end, signal)) stdout.write(more);
  },
});
