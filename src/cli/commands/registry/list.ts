import { mapLimited } from "../../../base/map-limited.ts";
import { printable } from "../../../base/printable.ts";
import { renderTable } from "../../../base/render-table.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { registryFlags } from "../../registry/open-remote.ts";
import { openRepositories } from "../../registry/open-repositories.ts";

/** Requests at a time. */
const parallel = 8;

export const registryListCommand = defineCommand({
  args: {
    ...registryFlags,
    json: { type: "boolean", description: "Print the list as JSON" },
  },
  async run(app, args) {
    const opened = await openRepositories(app, args);
    const found = await Array.fromAsync(opened.repositories);
    const repositories = await mapLimited(found, parallel, async ({ repository, name }) => ({
      repository: name,
      tags: (await Array.fromAsync(opened.registry.tags(repository, "empty"))).length,
    }));
    if (args.json === true) {
      return printJson(app.stdout, repositories);
    }
    if (repositories.length === 0)
      return app.log.info(`There is nothing on ${opened.registry.host} yet`);
    const { paint } = app.stdout.look;
    const heading = ["REPOSITORY", "TAGS"].map((cell) => paint.bold(cell));
    const rows = repositories.map(({ repository, tags }) => [printable(repository), `${tags}`]);
    const lines = renderTable([heading, ...rows], { align: ["left", "right"] });
    app.stdout.write(`${lines.join("\n")}\n`);
  },
});
