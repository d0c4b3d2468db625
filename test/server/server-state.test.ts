import { describe, expect, test } from "bun:test";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { currentOwner, parseOwner, type RunOwner } from "../../src/oci/run-owner.ts";
import {
  readServerState,
  removeServerState,
  type ServerState,
  writeServerState,
} from "../../src/server/server-state.ts";
import { thrownText } from "../support/thrown.ts";
import { HiveError } from "../../src/base/hive-error.ts";
import { tempDirectory } from "../support/temp-directory.ts";

const state: ServerState = {
  version: 1,
  pid: process.pid,
  owner: currentOwner(),
  url: "https://127.0.0.1:5000",
  address: "127.0.0.1:5000",
  certificateAuthority: "/data/ca.crt",
  certificate: "/data/server.crt",
  controlToken: "secret",
};

/** One that ended: same place and boot, but no process has that start time. */
function deadOwner(): RunOwner {
  const [, , boot, place] = currentOwner().split("-");
  const owner = parseOwner(`${process.pid}-1-${boot}-${place}`);
  if (owner === undefined) throw new Error("that is no owner");
  return owner;
}

describe("server.json", () => {
  test("that can't be written is told with what to do", async () => {
    await using directory = await tempDirectory();
    const missing = join(directory.path, "missing");
    const error = await writeServerState(missing, state).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HiveError);
    expect(String(error)).toContain(`Cannot write to "${missing}": there is no such directory`);
  });

  test("comes back as it was written, and only its owner may read it", async () => {
    await using directory = await tempDirectory();
    expect(await readServerState(directory.path)).toBeUndefined();
    await writeServerState(directory.path, state);
    expect(await readServerState(directory.path)).toEqual(state);
    const { mode } = await stat(join(directory.path, "server.json"));
    expect(mode & 0o777).toBe(0o600);
    const { certificateAuthority: _, ...plain } = state;
    await writeServerState(directory.path, plain);
    expect(await readServerState(directory.path)).toEqual(plain);
  });

  test("of a process that ended is as good as none", async () => {
    await using directory = await tempDirectory();
    await writeServerState(directory.path, { ...state, owner: deadOwner() });
    expect(await readServerState(directory.path)).toBeUndefined();
  });

  test("is removed by the one who wrote it, not by the one before", async () => {
    await using directory = await tempDirectory();
    await writeServerState(directory.path, state);
    await removeServerState(directory.path, deadOwner());
    expect(await readServerState(directory.path)).toEqual(state);
    await removeServerState(directory.path, state.owner);
    expect(await readServerState(directory.path)).toBeUndefined();
    await removeServerState(directory.path, state.owner);
  });

  test.each([
    "",
    "{",
    "[]",
    '{"version":2}',
    JSON.stringify({ ...state, owner: "me" }),
    JSON.stringify({ ...state, url: "nowhere" }),
    JSON.stringify({ ...state, controlToken: 7 }),
    JSON.stringify({ ...state, certificateAuthority: 7 }),
  ])("%p is told, and none of it is shown", async (text) => {
    await using directory = await tempDirectory();
    await writeFile(join(directory.path, "server.json"), text);
    const told = await thrownText(() => readServerState(directory.path), directory.path);
    expect(told).toStartWith('failed: Cannot understand "ROOT/server.json"');
    expect(told).not.toContain("secret");
  });

  test("a directory in its place is told", async () => {
    await using directory = await tempDirectory();
    await Bun.$`mkdir ${join(directory.path, "server.json")}`.quiet();
    const told = await thrownText(() => readServerState(directory.path), directory.path);
    expect(told).toStartWith('usage: Cannot read "ROOT/server.json": it is a directory');
  });
});
