import { expect, test } from "bun:test";
import { chooseArchive } from "../../../src/cli/distribute/choose-archive.ts";
import type { NamedRegistry } from "../../../src/project/project.ts";
import { thrownText } from "../../support/thrown.ts";

function registry(settings: Partial<NamedRegistry>): NamedRegistry {
  return {
    address: "r.test",
    place: { file: "hive.yml", line: 1, column: 1 },
    promoteFrom: [],
    require: [],
    mirror: [],
    ...settings,
  };
}

const archive = registry({ role: "archive" });
const mirroring = registry({ mirror: ["alpine:3"] });
const other = registry({ role: "prod" });

test.each([
  ["the one of role archive", { other, mirroring, archive }, undefined, "archive"],
  ["the one that mirrors where none has the role", { other, mirroring }, undefined, "mirroring"],
  ["the one that is asked for", { archive, mirroring }, "mirroring", "mirroring"],
])("chooseArchive() takes %s", (_, registries, name, chosen) => {
  expect(chooseArchive(new Map(Object.entries(registries)), name).name).toBe(chosen);
});

test.each([
  ["nothing", {}, undefined, "hive.yml has no registry that mirrors others"],
  ["only others", { other }, undefined, "hive.yml has no registry that mirrors others"],
  ["two", { a: archive, b: archive }, undefined, "Say which one: hive mirror sync a or b"],
  ["a typo", { archive }, "archiv", "Did you mean"],
  ["an unknown name", { archive }, "x", 'hive.yml has no registry "x"'],
])("chooseArchive() refuses %s", async (_, registries, name, message) => {
  const run = (): unknown =>
    chooseArchive(new Map(Object.entries<NamedRegistry>(registries)), name);
  expect(await thrownText(run, "no root")).toContain(message);
});
