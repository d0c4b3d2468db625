import { formatPlatform } from "../../oci/platform.ts";
import type { Probe } from "../probe.ts";

/** What the daemon builds with, and for which platforms. */
export const workersProbe: Probe = {
  name: "workers",
  limit: 5000,
  needs: "buildkit",
  async run({ workers }) {
    if (workers.length === 0) {
      const fix = "Start it with runc (or containerd) on PATH, and see its log.";
      return [{ status: "fail", detail: "the daemon has no worker, so it can't build", fix }];
    }
    return workers.map(({ platforms, labels }) => {
      const executor = labels["org.mobyproject.buildkit.worker.executor"];
      const list = platforms.map(formatPlatform).join(", ");
      return { status: "ok", detail: `${list}${executor === undefined ? "" : ` by ${executor}`}` };
    });
  },
};
