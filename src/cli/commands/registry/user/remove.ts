import { removeUser } from "../../../../registry/access/edit-users.ts";
import { defineCommand } from "../../../define-command.ts";
import { findUsersFile, usersFlags } from "../../../registry/users-file.ts";

export const registryUserRemoveCommand = defineCommand({
  args: {
    name: { type: "positional", required: true, valueHint: "name", description: "The user" },
    ...usersFlags,
  },
  async run(app, args) {
    const path = findUsersFile(app, args);
    await removeUser(path, args.name);
    app.log.info(`"${args.name}" is no longer in "${path}"`);
  },
});
