import { basename, dirname, relative, resolve } from "node:path";
import { realpath } from "node:fs/promises";
import { HiveError } from "../../../base/hive-error.ts";
import { readDirectory } from "../../../pipeline/read-templates.ts";
import { type PipelineFile, writeFiles } from "../../../pipeline/write-files.ts";
import { defineCommand } from "../../define-command.ts";
import { openPipeline, pipelineFlags } from "../../project/open-pipeline.ts";
import { printJson } from "../../print-json.ts";

export const templateCustomCommand = defineCommand({
  args: {
    templates: {
      type: "positional",
      required: true,
      valueHint: "file.gotpl...",
      description: "Templates of the project; they may include those beside them",
    },
    ...pipelineFlags,
    output: {
      type: "string",
      alias: "o",
      valueHint: "directory",
      description: "Write the files there, without .gotpl, instead of printing the one there is",
    },
    check: { type: "boolean", description: "Write nothing; exit with 3 when a file would change" },
    force: { type: "boolean", description: "Replace files that have other content" },
    json: { type: "boolean", description: "Print what was written as JSON" },
  },
  async run(app, args) {
    if (args.output === undefined && args._.length > 1) {
      throw new HiveError("usage", "Several templates need a directory to go to", {
        hint: "Name it: --output DIRECTORY",
      });
    }
    const { project, rendererOf } = await openPipeline(app, args, undefined);
    const top = await realpath(project.root);
    const files: PipelineFile[] = [];
    for (const given of args._) {
      const path = resolve(app.cwd, given);
      const name = basename(path).replace(/\.gotpl$/, "");
      const sources = await readDirectory(top, dirname(path));
      if (!path.endsWith(".gotpl") || !sources.has(name)) {
        throw new HiveError(
          "usage",
          `"${given}" is no template: there is no such file that ends with .gotpl`,
        );
      }
      if (files.some((file) => file.path === name)) {
        throw new HiveError("usage", `Two of the templates would be written to "${name}"`);
      }
      const renderer = rendererOf(sources);
      files.push({ path: name, text: renderer.render(name) });
    }
    if (args.output === undefined) return app.stdout.write(files.map(({ text }) => text).join(""));
    const output = resolve(app.cwd, args.output);
    const check = args.check === true;
    const force = args.force === true;
    const written = await writeFiles(output, files, { check, mayReplace: () => force });
    if (args.json === true) printJson(app.stdout, written);
    else {
      for (const { path, change } of written) {
        app.stdout.write(`${relative(app.cwd, resolve(output, path))}: ${change}\n`);
      }
    }
    return check && written.some(({ change }) => change !== "same") ? 3 : 0;
  },
});
