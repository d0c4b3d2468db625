import { expect, test } from "bun:test";
import { join } from "node:path";
import { openLayout } from "../../src/oci/layout.ts";
import { serveRegistry } from "../../src/registry/serve-registry.ts";
import { projectDirectory } from "../support/project-directory.ts";
import { runHive } from "../support/run-hive.ts";
import { tokenRegistry } from "../support/token-registry.ts";
import { statuses } from "./build-json.ts";

test("an image from a registry that wants credentials is pulled with those of docker login", async () => {
  await using library = await projectDirectory();
  expect((await runHive(["build"], { cwd: library.path })).exitCode).toBe(0);
  using layout = await openLayout(join(library.path, ".hive"));
  const credential = { username: "reader", secret: crypto.randomUUID() };
  await using registry = await serveRegistry({ layout, credential });

  const auth = Buffer.from(`${credential.username}:${credential.secret}`).toString("base64");
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM ${registry.address}/base:1.0\nRUN echo ${crypto.randomUUID()}\n`,
    "docker/config.json": JSON.stringify({ auths: { [registry.address]: { auth } } }),
    "nothing/config.json": "{}",
  });
  const build = (config: string): ReturnType<typeof runHive> =>
    runHive(["build", "app", "--json"], {
      cwd: project.path,
      env: { DOCKER_CONFIG: join(project.path, config) },
    });

  const refused = await build("nothing");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("images/app/Dockerfile:1");
  expect(refused.stderr).toContain("docker login");
  const allowed = await build("docker");
  expect(statuses(allowed)).toEqual({ "app:1": "built" });
  expect(allowed.stdout + allowed.stderr + refused.stdout + refused.stderr).not.toContain(
    credential.secret,
  );
});

test("a registry with a token service gives BuildKit a token, and the password stays with hive", async () => {
  await using library = await projectDirectory();
  expect((await runHive(["build"], { cwd: library.path })).exitCode).toBe(0);
  using layout = await openLayout(join(library.path, ".hive"));
  const credential = { username: "reader", secret: crypto.randomUUID() };
  await using registry = await tokenRegistry({ layout, credential });

  const auth = Buffer.from(`${credential.username}:${credential.secret}`).toString("base64");
  await using project = await projectDirectory({
    "images/app/image.yml": `tags: [{ name: "1" }]\n`,
    "images/app/Dockerfile": `FROM ${registry.address}/base:1.0\nRUN echo ${crypto.randomUUID()}\n`,
    "docker/config.json": JSON.stringify({ auths: { [registry.address]: { auth } } }),
    "wrong/config.json": JSON.stringify({
      auths: { [registry.address]: { username: "reader", password: "guessed" } },
    }),
  });
  const build = (config: string): ReturnType<typeof runHive> =>
    runHive(["build", "app", "--json"], {
      cwd: project.path,
      env: { DOCKER_CONFIG: join(project.path, config) },
    });

  const refused = await build("wrong");
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain("images/app/Dockerfile:1");
  expect(refused.stderr).toContain("docker login");
  registry.asked.length = 0;
  const built = await build("docker");
  expect(statuses(built)).toEqual({ "app:1": "built" });
  expect(registry.asked.length).toBeGreaterThan(1);
  expect(registry.asked.filter(({ agent, known }) => agent !== "hive" || !known)).toEqual([]);
});
