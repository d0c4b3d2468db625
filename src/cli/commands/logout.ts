import { podmanAuthPaths } from "../../credentials/config-paths.ts";
import { eraseCredential } from "../../credentials/erase-credential.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { defineCommand } from "../define-command.ts";
import { printJson } from "../print-json.ts";
import { loginFile, loginFileFlag } from "../registry/login-file.ts";

export const logoutCommand = defineCommand({
  args: {
    registry: {
      type: "positional",
      required: true,
      valueHint: "registry",
      description: "The registry, as host:port",
    },
    ...loginFileFlag,
    json: { type: "boolean", description: "Print where something was erased as JSON" },
  },
  async run(app, args) {
    const { host } = parseRegistryAddress(args.registry);
    const { env, signal } = app;
    const own = loginFile(app, args.authfile);
    const paths = args.authfile === undefined ? [own, ...podmanAuthPaths(env)] : [own];
    const erased = await eraseCredential(paths, host, { env, signal });
    if (args.json === true) return printJson(app.stdout, { registry: host, erased });
    if (erased.length === 0) return app.log.info(`Nothing was stored for ${host}`);
    app.stdout.write(`Logged out of ${host}\n`);
    for (const place of erased) app.log.info(`It was erased from ${place}`);
  },
});
