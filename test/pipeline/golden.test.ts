import { describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import { gitRepository } from "../support/git-repository.ts";
import { requireEnv } from "../support/require-env.ts";
import { run } from "../support/run.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { cases, generated, outputs } from "./support/cases.ts";

const schemas: Readonly<Record<string, string>> = {
  github: "github-workflows",
  gitlab: "gitlab-ci",
  buildkite: "buildkite",
};

/** Files in `golden/` are written anew with HIVE_TEST_UPDATE=1: read what changed, as the system would. */
async function expectGolden(path: string, text: string): Promise<void> {
  const file = join(import.meta.dir, "golden", path);
  if (process.env["HIVE_TEST_UPDATE"] === "1") {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  expect(text).toBe(await Bun.file(file).text());
}

for (const { name, files, directory = "" } of cases) {
  describe(`the project "${name}"`, () => {
    for (const [file, args] of Object.entries(outputs)) {
      test(`${file} is as it was read and found good, and valid`, async () => {
        await using repository = await gitRepository();
        const below = Object.entries(files).map(([path, text]) => [join(directory, path), text]);
        await repository.commit(1, Object.fromEntries(below));
        const { text, yaml } = await generated(join(repository.path, directory), args);
        await expectGolden(`${name}/${file}`, text);
        const [system = ""] = file.split(/[-.]/);
        expect(await problems(system, yaml)).toEqual([]);
        if (system !== "github") return;
        expect(await actionlint(text)).toBe("");
        // What somebody else may have named, as a branch, would be run: scripts get it from their environment.
        const scripts = [...text.matchAll(/^( *)(?:- )?run: (.*(?:\n\1 {2}.*)*)/gm)].map(
          ([all]) => all,
        );
        expect(scripts.length).toBeGreaterThan(5);
        expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
      });
    }
  });
}

async function problems(system: string, yaml: unknown): Promise<unknown[]> {
  const schema = join(import.meta.dir, "../fixtures/schemas", `${schemas[system]}.json`);
  // Their authors take keywords of their own, and formats that Ajv does not have.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile((await Bun.file(schema).json()) as object);
  return validate(yaml) ? [] : (validate.errors ?? []);
}

async function actionlint(text: string): Promise<string> {
  await using directory = await tempDirectory();
  const file = join(directory.path, "hive.yml");
  await writeFile(file, text);
  return await run([requireEnv("HIVE_TEST_ACTIONLINT"), "-no-color", file]);
}
