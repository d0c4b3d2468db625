import { expect, test } from "bun:test";
import { runHive } from "../support/run-hive.ts";
import { appProject, tempProject } from "../support/temp-project.ts";

const project = (): ReturnType<typeof tempProject> =>
  tempProject({ ...appProject("tags: [{ name: 1 }]\n"), "hive.yml": "platfroms: [arm64]\n" });

for (const name of ["hive", "image", "test"]) {
  test(`hive schema ${name} prints what schema/ has`, async () => {
    const result = await runHive(["schema", name]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
    expect(result.stdout).toBe(await Bun.file(`schema/${name}.schema.json`).text());
  });
}

test("hive schema says which there are", async () => {
  const result = await runHive(["schema", "imag"]);
  expect([result.exitCode, result.stdout]).toEqual([2, ""]);
  expect(result.stderr).toContain("hive, image, test");
});

test("an unknown key is an error", async () => {
  await using temp = await project();
  const result = await runHive(["plan"], { cwd: temp.root });
  expect([result.exitCode, result.stdout]).toEqual([2, ""]);
  expect(result.stderr).toContain('error[HV1003]: Unknown key "platfroms"\n --> hive.yml:1:1');
});

for (const [how, args, env] of [
  ["--lenient", ["--lenient", "plan"], {}],
  ["HIVE_LENIENT", ["plan"], { HIVE_LENIENT: "1" }],
] as const) {
  test(`an unknown key is a warning with ${how}`, async () => {
    await using temp = await project();
    const result = await runHive(args, { cwd: temp.root, env });
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain('warning[HV1003]: Unknown key "platfroms"\n --> hive.yml:1:1');
    expect(result.stdout).toContain("app:1");
  });
}

test("of very many errors fifty are shown, and how many more there are", async () => {
  const keys = Array.from({ length: 60 }, (_, index) => `k${index}: x\n`).join("");
  await using temp = await tempProject(appProject(`tags: [{ name: 1 }]\n${keys}`));
  const { stderr, exitCode } = await runHive(["plan"], { cwd: temp.root });
  expect(exitCode).toBe(2);
  expect(stderr.match(/HV1003/g)).toHaveLength(50);
  expect(stderr).toContain("and 10 more\n");
  expect(stderr).toContain("it has 60 errors");
});
