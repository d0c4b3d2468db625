import { containerLog } from "../../../../daemon/container/container-log.ts";
import { daemonPaths } from "../../../../daemon/daemon-paths.ts";
import { readDaemonState } from "../../../../daemon/daemon-state.ts";
import { numberOf } from "../../../arguments.ts";
import { defineCommand } from "../../../define-command.ts";
import { followGrace, logFlags, printLog } from "../../../print-log.ts";

export const buildkitdLogsCommand = defineCommand({
  args: logFlags,
  async run(app, args) {
    const { env, signal, stdout } = app;
    const lines = numberOf("tail", args.tail, 0);
    const follow = args.follow === true;
    const paths = daemonPaths(env);
    const state = await readDaemonState(paths);
    if (state?.runs.kind !== "container") {
      const hint = "`hive dev buildkitd start` starts what writes it.";
      return await printLog(app, paths.log, { lines, follow, hint });
    }
    if (follow) app.endBySignal(followGrace);
    try {
      const log = containerLog(state.runs, { env, lines, follow, signal });
      for await (const text of log) stdout.write(text);
    } catch (error) {
      if (!follow || !signal.aborted) throw error;
    }
  },
});
