import { expect, test } from "bun:test";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { statuses } from "./build-json.ts";

test("two targets of which each waits for the other are built at the same time", async () => {
  const place = crypto.randomUUID();
  const meet = (name: string, other: string): Record<string, string> => ({
    [`images/${name}/image.yml`]: `tags: [{ name: "1" }]\n`,
    [`images/${name}/Dockerfile`]: `FROM __hive__/base:1.0
RUN --mount=type=cache,id=${place},target=/${place} touch /${place}/${name} && \\
    for second in $(seq 60); do [ -e /${place}/${other} ] && exit 0; sleep 1; done; exit 1
`,
  });
  await using project = await projectDirectory({
    ...meet("left", "right"),
    ...meet("right", "left"),
  });
  expect(statuses(await runHive(["build", "--json"], { cwd: project.path }))).toMatchObject({
    "left:1": "built",
    "right:1": "built",
  });
}, 120_000);
