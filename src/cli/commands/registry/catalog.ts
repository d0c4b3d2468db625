import { printable } from "../../../base/printable.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { registryFlags } from "../../registry/open-remote.ts";
import { openRepositories } from "../../registry/open-repositories.ts";

export const registryCatalogCommand = defineCommand({
  args: {
    ...registryFlags,
    json: { type: "boolean", description: "Print the names as a JSON array" },
  },
  async run(app, args) {
    const { repositories } = await openRepositories(app, args);
    if (args.json === true) {
      return printJson(app.stdout, await Array.fromAsync(repositories, ({ name }) => name));
    }
    for await (const { name } of repositories) app.stdout.write(`${printable(name)}\n`);
  },
});
