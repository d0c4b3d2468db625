import { join, resolve } from "node:path";
import { didYouMean } from "../../../base/closest.ts";
import type { Diagnostic } from "../../../base/diagnostic.ts";
import { HiveError } from "../../../base/hive-error.ts";
import { builtInTemplates } from "../../../pipeline/built-in-templates.ts";
import { fileMark, hasMark } from "../../../pipeline/file-mark.ts";
import { jobReferences } from "../../../pipeline/job-references.ts";
import { knownOptions } from "../../../pipeline/known-options.ts";
import { type Provider, providers } from "../../../pipeline/pipeline.ts";
import { type ProviderFile, providerFiles } from "../../../pipeline/provider-files.ts";
import { readTemplates, templateDirectory } from "../../../pipeline/read-templates.ts";
import { unknownOptions } from "../../../pipeline/template-options.ts";
import { type WrittenFile, writeFiles } from "../../../pipeline/write-files.ts";
import type { App } from "../../app.ts";
import { defineCommand } from "../../define-command.ts";
import { openPipeline, pipelineFlags } from "../../project/open-pipeline.ts";
import { openProject, printWarnings } from "../../project/open-project.ts";
import { printJson } from "../../print-json.ts";

export const templateCiCommand = defineCommand({
  args: {
    files: {
      type: "positional",
      required: false,
      valueHint: "file...",
      description: "Only these of the system's files, as images.yml; with --eject, these templates",
    },
    provider: {
      type: "enum",
      options: [...providers],
      valueHint: "system",
      description: "The system that runs the pipeline: github, gitlab or buildkite",
    },
    ...pipelineFlags,
    output: {
      type: "string",
      alias: "o",
      valueHint: "directory",
      description: "Where to write to (default: the top of the repository)",
    },
    stdout: { type: "boolean", description: "Print the files instead of writing them" },
    check: { type: "boolean", description: "Write nothing; exit with 3 when a file would change" },
    force: { type: "boolean", description: "Replace files that hive did not write" },
    eject: {
      type: "boolean",
      description:
        "Write the built-in templates to templates/ci/ in the project, for you to change",
    },
    jobs: {
      type: "boolean",
      description: "Print which job has to build what, as one line of JSON",
    },
    json: { type: "boolean", description: "Print what was written as JSON" },
  },
  async run(app, args) {
    const provider = providers.find((name) => name === args.provider);
    if (provider === undefined) {
      throw new HiveError("usage", "--provider is missing", {
        hint: `Name the system that runs the pipeline: ${providers.join(", ")}`,
      });
    }
    if (args.eject === true) {
      const project = await openProject(app, args);
      const files = ejected(provider, args._);
      const force = args.force === true;
      const options = { check: false, mayReplace: () => force };
      return print(app, await writeFiles(project.root, files, options), args.json);
    }
    const { project, pipeline, options, rendererOf, top } = await openPipeline(app, args, provider);
    if (args.jobs === true) {
      return app.stdout.write(`${JSON.stringify(jobReferences(pipeline))}\n`);
    }
    const { sources, own } = await readTemplates(project.root, provider);
    const renderer = rendererOf(sources);
    const files = wantedFiles(provider, args._, args.stdout === true).map((file) => ({
      path: file.path ?? file.template,
      text: `${fileMark(provider)}${renderer.render(file.template)}`,
    }));
    if (args.stdout === true) {
      return app.stdout.write(files.map(({ text }) => text).join("---\n"));
    }
    printWarnings(app, [
      ...unknownOptions(
        project,
        new Set([...knownOptions(sources.values(), pipeline), ...renderer.read]),
      ),
      ...unusedTemplates(provider, own, renderer.used),
    ]);
    if (provider !== "buildkite") warnWithoutHive(app, provider, options.read);
    const output = args.output === undefined ? top : resolve(app.cwd, args.output);
    const force = args.force === true;
    const check = args.check === true;
    const written = await writeFiles(output, files, {
      check,
      mayReplace: (text) => force || hasMark(text),
    });
    print(app, written, args.json, check);
    if (!check || written.every(({ change }) => change === "same")) return 0;
    app.log.info(`Run \`hive template ci --provider=${provider}\` and commit what it writes`);
    return 3;
  },
});

function wantedFiles(
  provider: Provider,
  names: readonly string[],
  all: boolean,
): readonly ProviderFile[] {
  const files = providerFiles[provider];
  if (names.length === 0) return files.filter(({ path }) => path !== undefined);
  return names.map((name) => {
    const found = files.find(({ template }) => template === name);
    if (found === undefined) {
      const known = files.map(({ template }) => template);
      throw new HiveError("usage", `${provider} has no file "${name}"`, {
        hint: didYouMean(name, known) ?? `There is ${known.join(", ")}.`,
      });
    }
    if (found.path === undefined && !all) {
      throw new HiveError("usage", `"${name}" has no place in a repository`, {
        hint: "The pipeline makes it when it runs. Look at it with --stdout.",
      });
    }
    return found;
  });
}

function ejected(
  provider: Provider,
  names: readonly string[],
): { readonly path: string; readonly text: string }[] {
  const templates = builtInTemplates[provider];
  return (names.length === 0 ? Object.keys(templates) : names).map((given) => {
    const name = given.replace(/\.gotpl$/, "");
    const text = Object.hasOwn(templates, name) ? templates[name] : undefined;
    if (text === undefined) {
      throw new HiveError("usage", `${provider} has no template "${name}"`, {
        hint:
          didYouMean(name, Object.keys(templates)) ??
          `There is ${Object.keys(templates).join(", ")}.`,
      });
    }
    return { path: join(templateDirectory(provider), `${name}.gotpl`), text };
  });
}

function unusedTemplates(
  provider: Provider,
  own: ReadonlySet<string>,
  used: ReadonlySet<string>,
): Diagnostic[] {
  const known = new Set(Object.keys(builtInTemplates[provider]));
  return [...own]
    .filter((name) => !used.has(name) && !known.has(name))
    .map((name) => ({
      code: "HV1031",
      severity: "warning",
      message: `no file of ${provider} is made of the template "${name}", or includes it`,
      place: { file: join(templateDirectory(provider), `${name}.gotpl`), line: 1, column: 1 },
      help: didYouMean(name, known),
    }));
}

// Who has machines of their own may have hive on them; those of these systems begin empty.
function warnWithoutHive(
  app: App,
  provider: Provider,
  read: (key: string) => string | undefined,
): void {
  const ways = provider === "gitlab" ? ["hive_url", "install", "image"] : ["hive_url", "install"];
  if (ways.some((key) => read(key) !== undefined)) return;
  app.log.warn(
    `Jobs expect to find hive on their machines. Where it is not: set ${ways.join(" or ")} below template_options in hive.yml`,
  );
}

function print(
  app: App,
  written: readonly WrittenFile[],
  json: boolean | undefined,
  check = false,
): void {
  if (json === true) return printJson(app.stdout, written);
  const words = check
    ? { new: "is missing", changed: "would change", same: "is as it should be" }
    : { new: "written", changed: "changed", same: "as before" };
  for (const { path, change } of written) app.stdout.write(`${path}: ${words[change]}\n`);
}
