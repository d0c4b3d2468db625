import { removeUser } from "../../../../registry/access/edit-users.ts";
import { defineCommand } from "../../../define-command.ts";
import { printJson } from "../../../print-json.ts";
import { findUsersFile, usersFlags } from "../../../registry/users-file.ts";

export const registryUserRemoveCommand = defineCommand({
  args: {
    name: { type: "positional", required: true, valueHint: "name", description: "The user" },
    ...usersFlags,
    json: { type: "boolean", description: "Print who was removed as JSON" },
  },
  async run(app, args) {
    const path = findUsersFile(app, args);
    await removeUser(path, args.name);
    if (args.json === true) return printJson(app.stdout, { name: args.name, path });
    app.log.info(`"${args.name}" is no longer in "${path}"`);
  },
});
