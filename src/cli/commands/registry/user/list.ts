import { printable } from "../../../../base/printable.ts";
import { renderTable } from "../../../../base/render-table.ts";
import { readUsers } from "../../../../registry/access/edit-users.ts";
import { renderGrants } from "../../../../registry/access/grants.ts";
import { defineCommand } from "../../../define-command.ts";
import { printJson } from "../../../print-json.ts";
import { findUsersFile, usersFlags } from "../../../registry/users-file.ts";

export const registryUserListCommand = defineCommand({
  args: {
    ...usersFlags,
    json: { type: "boolean", description: "Print names and grants as JSON" },
  },
  async run(app, args) {
    const users = [...(await readUsers(findUsersFile(app, args))).values()].map((user) => ({
      name: user.name,
      grants: renderGrants(user.grants),
    }));
    if (args.json === true) {
      return printJson(app.stdout, users);
    }
    const rows = users.map(({ name, grants }) => [printable(name), grants]);
    const lines = rows.length === 0 ? [] : renderTable([["USER", "MAY"], ...rows]);
    app.stdout.write(lines.map((line) => `${line}\n`).join(""));
  },
});
