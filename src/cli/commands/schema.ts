import { closestNames } from "../../base/closest.ts";
import { HiveError } from "../../base/hive-error.ts";
import { jsonSchema, schemaNames } from "../../project/schema/json-schema.ts";
import { defineCommand } from "../define-command.ts";

export const schemaCommand = defineCommand({
  args: {
    file: {
      type: "positional",
      valueHint: schemaNames.join("|"),
      description: "The file that the schema is of: hive.yml, image.yml or test.yml",
    },
  },
  async run(app, { file = "" }) {
    const name = schemaNames.find((known) => known === file);
    if (name === undefined) {
      const [best] = closestNames(file, schemaNames);
      throw new HiveError("usage", `Unknown schema "${file}": expected ${schemaNames.join(", ")}`, {
        hint: `Run \`hive schema ${best ?? "image"}\`.`,
      });
    }
    app.stdout.write(jsonSchema(name));
  },
});
