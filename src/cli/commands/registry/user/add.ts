import { putUser } from "../../../../registry/access/edit-users.ts";
import { defineCommand } from "../../../define-command.ts";
import { printJson } from "../../../print-json.ts";
import { readSecret } from "../../../registry/read-secret.ts";
import { findUsersFile, usersFlags } from "../../../registry/users-file.ts";

export const registryUserAddCommand = defineCommand({
  args: {
    name: { type: "positional", required: true, valueHint: "name", description: "The user" },
    grant: {
      type: "string",
      valueHint: "grant,...",
      description:
        "read, write or admin, each for all repositories or as write=team-a/** (default: write)",
    },
    "password-stdin": {
      type: "boolean",
      description: "Read the password from standard input instead of generating one",
    },
    ...usersFlags,
    json: { type: "boolean", description: "Print the user, and a generated password, as JSON" },
  },
  async run(app, args) {
    const path = findUsersFile(app, args);
    const generated = await putUser(path, args.name, {
      ...(args.grant === undefined ? {} : { grants: args.grant }),
      ...(args["password-stdin"] === true ? { password: await readSecret(app.signal) } : {}),
    });
    if (args.json === true) {
      return printJson(app.stdout, { name: args.name, path, password: generated });
    }
    app.log.info(`"${args.name}" is in "${path}"`);
    if (generated === undefined) return;
    app.log.info("The password is shown here and never again:");
    app.stdout.write(`${generated}\n`);
  },
});
