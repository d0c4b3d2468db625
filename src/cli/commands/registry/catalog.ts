import { printable } from "../../../base/printable.ts";
import { defineCommand } from "../../define-command.ts";
import { printJson } from "../../print-json.ts";
import { openRemote, registryFlags } from "../../registry/open-remote.ts";

export const registryCatalogCommand = defineCommand({
  args: {
    ...registryFlags,
    json: { type: "boolean", description: "Print the names as a JSON array" },
  },
  async run(app, args) {
    const registry = await openRemote(app, args);
    if (args.json === true) {
      const names = await Array.fromAsync(registry.catalog());
      return printJson(app.stdout, names);
    }
    for await (const name of registry.catalog()) app.stdout.write(`${printable(name)}\n`);
  },
});
