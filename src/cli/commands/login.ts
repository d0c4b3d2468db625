import { printable } from "../../base/printable.ts";
import { storeCredential } from "../../credentials/store-credential.ts";
import { verifyCredential } from "../../credentials/verify-credential.ts";
import { parseRegistryAddress } from "../../remote/registry-address.ts";
import { defineCommand } from "../define-command.ts";
import { printJson } from "../print-json.ts";
import { authorityFor } from "../registry/authority-for.ts";
import { connectionFlags } from "../registry/connection-flags.ts";
import { loginFile, loginFileFlag } from "../registry/login-file.ts";
import { loginFlags, readLogin } from "../registry/read-login.ts";

export const loginCommand = defineCommand({
  args: {
    registry: {
      type: "positional",
      required: true,
      valueHint: "registry",
      description: "The registry, as host:port",
    },
    ...loginFlags,
    ...loginFileFlag,
    ...connectionFlags,
    json: { type: "boolean", description: "Print where it is stored as JSON" },
  },
  async run(app, args) {
    const address = args.registry;
    const { host } = parseRegistryAddress(address);
    const path = loginFile(app, args.authfile);
    const candidates = await readLogin(app, args, host);
    const access = {
      address,
      certificateAuthority: await authorityFor(app, args, address),
      plainHttp: args["plain-http"] === true,
      signal: app.signal,
    };
    const { credential, checked } = await verifyCredential(access, candidates);
    if (!checked) {
      app.log.warn(
        `${host} lets everybody in: it can't be told whether it looked at what it was shown`,
      );
    }
    const stored = await storeCredential(path, host, credential, {
      env: app.env,
      signal: app.signal,
    });
    const username = "username" in credential ? credential.username || undefined : undefined;
    if (args.json === true) {
      return printJson(app.stdout, { registry: host, username, checked, ...stored });
    }
    const who = username === undefined ? "with a token" : `as ${printable(username)}`;
    app.stdout.write(`Logged in to ${host} ${who}\n`);
    app.log.info(
      stored.helper === undefined
        ? `It is stored in "${path}", in plain base64: a credential helper (credsStore) would keep it better`
        : `${stored.helper} keeps it`,
    );
  },
});
