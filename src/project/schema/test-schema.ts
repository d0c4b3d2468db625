import { z } from "zod";
import { flag, integer, list, optionalTexts, section, text, texts } from "./fields.ts";

const regexExamples = { examples: [["^Python 3\\."]] };

const pair = {
  key: text.describe("The name"),
  value: text.optional().describe("The value"),
  isRegex: flag.describe("Whether the value is a regular expression"),
};

const variables = list(z.strictObject(pair));

const name = text.describe("What the test is about");

const commandTest = z.strictObject({
  name,
  setup: list(texts).describe("Commands to run before, each a list"),
  teardown: list(texts).describe("Commands to run afterwards, each a list"),
  envVars: variables.describe("Environment variables of this test"),
  command: text.meta({ description: "The command to run", examples: ["python"] }),
  args: texts.meta({ description: "Its arguments", examples: [["--version"]] }),
  expectedOutput: texts.meta({
    description: "Regular expressions that stdout must match",
    ...regexExamples,
  }),
  excludedOutput: texts.describe("Regular expressions that stdout must not match"),
  expectedError: texts.describe("Regular expressions that stderr must match"),
  excludedError: texts.describe("Regular expressions that stderr must not match"),
  exitCode: integer.describe("The exit code it must have; default: 0"),
});

const fileExistenceTest = z.strictObject({
  name,
  path: text.meta({ description: "The file or directory", examples: ["/usr/bin/env"] }),
  shouldExist: flag.describe("Whether it must be there; default: true"),
  permissions: text.optional().meta({
    description: "Its mode as ls prints it",
    examples: ["-rwxr-xr-x"],
  }),
  uid: integer.describe("Its owner's number"),
  gid: integer.describe("Its group's number"),
  isExecutableBy: z
    .enum(["owner", "group", "other", "any"])
    .nullish()
    .describe("Who may execute it"),
});

const fileContentTest = z.strictObject({
  name,
  path: text.meta({ description: "The file", examples: ["/etc/os-release"] }),
  expectedContents: texts.describe("Regular expressions that the contents must match"),
  excludedContents: texts.describe("Regular expressions that the contents must not match"),
});

const metadataTest = section({
  envVars: variables.describe("Environment variables that must be set"),
  unboundEnvVars: variables.describe("Environment variables that must not be set"),
  labels: variables.describe("Labels that must be set"),
  exposedPorts: texts.describe("Ports that must be exposed"),
  unexposedPorts: texts.describe("Ports that must not be exposed"),
  volumes: texts.describe("Volumes that must be declared"),
  unmountedVolumes: texts.describe("Volumes that must not be declared"),
  entrypoint: optionalTexts.describe("The entrypoint"),
  cmd: optionalTexts.describe("The command"),
  workdir: text.optional().describe("The working directory"),
  user: text.optional().describe("The user"),
});

const licenseTest = z.strictObject({
  debian: flag.describe("Whether to read the copyright files of Debian's packages"),
  files: texts.describe("Other copyright files"),
});

/** test.yml: structure tests in the format 2.0.0 of container-structure-test. */
export const testSchema = z.strictObject({
  schemaVersion: z.enum(["2.0.0"]).describe("The format's version"),
  globalEnvVars: variables.describe("Environment variables of all tests"),
  commandTests: list(commandTest).describe("Commands to run in the image"),
  fileExistenceTests: list(fileExistenceTest).describe("Files that must be there, or must not"),
  fileContentTests: list(fileContentTest).describe("What files must have in them, or must not"),
  metadataTest: metadataTest.describe("The image's configuration"),
  licenseTests: list(licenseTest).describe("Licenses of what is installed"),
  containerRunOptions: section({
    user: text.optional().describe("The user that commands run as"),
    privileged: flag.describe("Whether they run privileged"),
    allocateTty: flag.describe("Whether they get a terminal"),
    envFile: text.optional().describe("A file of environment variables"),
    envVars: texts.describe("Variables that are handed through"),
    capabilities: texts.describe("Capabilities to add"),
    bindMounts: texts.describe("Directories to mount, as SOURCE:TARGET"),
  }).describe("How containers are run for the tests"),
});
