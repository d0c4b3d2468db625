import { expect, test } from "bun:test";
import { join } from "node:path";
import { openEngine } from "../../src/docker/open-engine.ts";
import { startSshd } from "../support/sshd.ts";
import { tempDirectory } from "../support/temp-directory.ts";

test("openEngine() reaches an engine's socket on another machine by ssh, and explains what it can't", async () => {
  await using sshd = await startSshd();
  await using directory = await tempDirectory();
  const socket = join(directory.path, "docker.sock");
  const api = Bun.serve({
    unix: socket,
    fetch: (request) => new Response(new URL(request.url).pathname),
  });
  const client = await sshd.client();
  const env = {
    PATH: `${client.directory}:${process.env["PATH"] ?? ""}`,
    XDG_RUNTIME_DIR: directory.path,
    DOCKER_HOST: `ssh://builder${socket}`,
  };
  try {
    await using engine = openEngine({ env });
    const answers = await Promise.all([engine.request("/_ping"), engine.request("/info")]);
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(["/_ping", "/info"]);
    (await engine.connect()).close();
  } finally {
    await api.stop(true);
  }

  await using broken = openEngine({ env: { ...env, DOCKER_HOST: "ssh://builder/nowhere.sock" } });
  const failure = await broken.request("/_ping").catch((error: unknown) => error);
  expect(failure).toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("its /nowhere.sock can't be opened"),
    hint: expect.stringContaining("ls -l /nowhere.sock"),
  });
}, 30_000);
