import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import type { MemoryFile } from "../../src/buildkit/memory-tree.ts";
import { buildGo } from "../support/build-go.ts";
import { rejection } from "../support/rejection.ts";
import { startSshAgent } from "../support/ssh-agent.ts";
import { tempDirectory } from "../support/temp-directory.ts";
import { build, connectTestDaemon, failureOf, freshTree } from "./build.ts";

let daemon: Buildkit;
let probe: MemoryFile;

beforeAll(async () => {
  daemon = await connectTestDaemon();
  await using directory = await tempDirectory();
  const path = await buildGo("ssh-agent-probe", directory.path);
  probe = { path: "probe", mode: 0o755, bytes: await Bun.file(path).bytes() };
}, 300_000);

afterAll(() => daemon[Symbol.asyncDispose]());

/** What the probe prints in a step with these mounts. */
async function probed(
  find: (id: string) => string | undefined,
  mounts = "--mount=type=ssh",
): Promise<readonly string[]> {
  const text = `FROM scratch\nCOPY probe /probe\nENV TEST_RUN=${crypto.randomUUID()}\nRUN ${mounts} ["/probe"]\n`;
  const { lines } = await build(daemon, { text, context: freshTree([probe]), ssh: find });
  return lines;
}

test("a step lists the keys of an agent and signs, and can do nothing else", async () => {
  await using agent = await startSshAgent();
  const sockets: Record<string, string> = { default: agent.socket };
  const expected = ["identities: 1", "removing refused: true", "signed: true", "closed: true"];
  expect(await probed((id) => sockets[id])).toEqual(expected);
  const listed = Bun.spawnSync(["ssh-add", "-l"], {
    env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
  });
  expect(listed.exitCode).toBe(0);
});

test("agents are told apart by their ids", async () => {
  await using agent = await startSshAgent();
  const find = (id: string): string | undefined => (id === "deploy" ? agent.socket : undefined);
  expect(await probed(find, "--mount=type=ssh,id=deploy")).toContain("identities: 1");
  const refused = await failureOf(probed(find, "--mount=type=ssh,required=true"));
  expect(refused.message).toContain('no ssh agent "default" is forwarded to this build');
});

test("an agent that is not there fails the build with its path and what to do", async () => {
  const building = probed(() => "/nowhere/agent.sock", "--mount=type=ssh,required=true");
  expect(await rejection(building)).toMatchObject({
    name: "HiveError",
    message: 'Cannot reach the ssh agent at "/nowhere/agent.sock": ENOENT',
  });
});

test("an agent that answers nonsense ends the connection, and no more", async () => {
  await using directory = await tempDirectory();
  const socket = join(directory.path, "agent.sock");
  const server = createServer((connection) => {
    connection.on("error", () => {});
    connection.once("data", () => connection.end(new Uint8Array([255, 255, 255, 255, 1, 2, 3])));
  });
  server.listen(socket);
  try {
    expect(await failureOf(probed(() => socket))).toMatchObject({ exitCode: 1 });
  } finally {
    server.close();
  }
});
