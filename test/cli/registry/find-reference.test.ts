import { describe, expect, test } from "bun:test";
import { findReference } from "../../../src/cli/registry/find-reference.ts";
import { commandApp } from "../../support/command-app.ts";
import { tempProject } from "../../support/temp-project.ts";

const project = `registries: { ci: { address: "https://ci.test:5000/team", role: ci } }\n`;
const image = {
  "images/app/image.yml": "tags: [{ name: '1' }]\n",
  "images/app/Dockerfile": "FROM scratch\n",
};

/** `given`: --registry stands on the command line. */
async function find(
  written: string,
  registry: string | undefined,
  given = true,
): Promise<readonly [string | undefined, string]> {
  await using directory = await tempProject({ "hive.yml": project, ...image });
  const { app } = commandApp({}, given ? ["registry"] : []);
  const found = await findReference(app, { registry, project: directory.root }, written);
  return [found.address, found.repository];
}

describe("findReference()", () => {
  test.each([
    ["app:1", undefined, undefined, "app"],
    ["r.test/app:1", undefined, "r.test", "app"],
    ["app:1", "r.test:5000", "r.test:5000", "app"],
    ["app:1", "http://r.test/a/b", "http://r.test", "a/b/app"],
    ["app:1", "ci", "https://ci.test:5000", "team/app"],
    // Its name in the reference says where in it.
    ["ci.test:5000/app:1", "ci", "https://ci.test:5000", "app"],
  ])("%s with --registry %p is at %p", async (written, registry, address, repository) => {
    expect(await find(written, registry)).toEqual([address, repository]);
  });

  test("a registry in the reference comes before the environment, and is no other than that of the command line", async () => {
    expect(await find("r.test/app:1", "other.test/team", false)).toEqual(["r.test", "app"]);
    expect(find("r.test/app:1", "other.test/team")).rejects.toThrow(
      '"r.test/app:1" is not of the registry other.test',
    );
  });

  test("what is no name of hive.yml is a wrong flag", async () => {
    expect(find("app:1", "cj")).rejects.toMatchObject({
      kind: "usage",
      message: 'hive.yml has no registry "cj"',
      hint: 'Did you mean "ci"?',
    });
  });
});
