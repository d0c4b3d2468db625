import { formatBytes } from "../../../base/format-bytes.ts";
import { formatElapsed } from "../../../base/format-duration.ts";
import { renderTable } from "../../../base/render-table.ts";
import { askServer } from "../../../server/ask-server.ts";
import type { ServerStatus } from "../../../server/control.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { findLocalRegistry } from "../../registry/find-local-registry.ts";
import { storageFlag } from "../../registry/storage-directory.ts";

const timeout = 10_000;

export const registryStatusCommand = defineCommand({
  args: {
    ...storageFlag,
    json: { type: "boolean", description: "Print the status as JSON" },
  },
  async run(app, args) {
    const state = await findLocalRegistry(app, args.storage);
    const answer = await askServer(state, {
      method: "GET",
      request: "status",
      timeout,
      signal: app.signal,
    });
    if (args.json === true) return printJson(app.stdout, answer);
    const status = answer as ServerStatus;
    const uptime = formatElapsed(Date.now() - Date.parse(status.started));
    const rows = [
      ["address", status.url],
      ["state", status.stopping ? "stopping" : `running for ${uptime}`],
      ["process", `${status.pid}, hive ${status.version}`],
      ["storage", status.storage ?? "temporary"],
      ["access", `${status.tls ? "TLS" : "no TLS"}, ${status.users ? "users" : "no users"}`],
      ["role", status.role],
      ...status.mirrors.map(({ name, origin }) => ["mirror", `${name} from ${origin}`]),
      [
        "content",
        `${status.repositories} repositories, ${status.manifests} manifests, ${status.tags} tags`,
      ],
      ["size", formatBytes(status.bytes)],
      ["uploads", `${status.uploads}`],
    ];
    const { paint } = app.stdout.look;
    const lines = renderTable(rows.map(([name = "", value = ""]) => [paint.bold(name), value]));
    app.stdout.write(`${lines.join("\n")}\n`);
  },
});
