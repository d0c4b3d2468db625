import { resolve } from "node:path";
import { parseRegistryAddress } from "../../../remote/registry-address.ts";
import { defineCommand } from "../../define-command.ts";
import { configurableTools, readTool, toolConfig } from "../../tool-config.ts";

export const registryConfigCommand = defineCommand({
  args: {
    tool: {
      type: "positional",
      required: true,
      valueHint: "tool",
      description: configurableTools.join(", "),
    },
    registry: {
      type: "string",
      default: "127.0.0.1:5000",
      valueHint: "address",
      description: "The registry, as host:port",
    },
    "ca-cert": {
      type: "string",
      valueHint: "file",
      description: "The certificate authority (PEM) of the registry's certificate",
    },
    "plain-http": { type: "boolean", description: "The registry has no TLS" },
    json: { type: "boolean", description: "Print path, snippet and notes as JSON" },
  },
  async run(app, args) {
    const tool = readTool(args.tool);
    const certificateAuthority =
      args["ca-cert"] === undefined ? undefined : resolve(app.cwd, args["ca-cert"]);
    const { host, origin, loopback } = parseRegistryAddress(args.registry, {
      plainHttp: args["plain-http"] === true,
      privateAuthority: certificateAuthority !== undefined,
    });
    const config = toolConfig(tool, {
      address: host,
      plainHttp: origin.startsWith("http:"),
      certificateAuthority,
      loopback,
    });
    if (args.json === true) {
      return app.stdout.write(
        `${JSON.stringify({ tool, registry: host, ...config }, undefined, 2)}\n`,
      );
    }
    // Where it belongs is no part of the file: `hive registry config buildkit >> buildkitd.toml`.
    if (config.path !== undefined) app.log.info(`For ${config.path}:`);
    app.stdout.write(config.snippet);
    for (const note of config.notes) app.log.info(note);
  },
});
