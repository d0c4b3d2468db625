import { afterAll, beforeAll, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import type { Buildkit } from "../../src/buildkit/connect-buildkit.ts";
import type { FindSecret } from "../../src/buildkit/secret-service.ts";
import { rejection } from "../support/rejection.ts";
import { build, busybox, connectTestDaemon, failureOf, freshTree, shell } from "./build.ts";

let daemon: Buildkit;
let tools: Awaited<ReturnType<typeof busybox>>;

beforeAll(async () => {
  daemon = await connectTestDaemon();
  tools = await busybox();
});

afterAll(() => daemon[Symbol.asyncDispose]());

/** What the step prints. */
async function run(secrets: FindSecret, step: string): Promise<readonly string[]> {
  const text = `${shell()}RUN ${step}\n`;
  return (await build(daemon, { text, context: freshTree([tools]), secrets })).lines;
}

test("a secret is there for the step that mounts it, asked for once it runs", async () => {
  const asked: string[] = [];
  const secrets: FindSecret = async (id) => {
    asked.push(id);
    return id === "token" ? new TextEncoder().encode("a\nb") : undefined;
  };
  const both =
    "--mount=type=secret,id=token --mount=type=secret,id=other cat /run/secrets/token; ls /run/secrets";
  expect(await run(secrets, both)).toEqual(["a", "btoken"]);
  expect(asked.toSorted()).toEqual(["other", "token"]);
  asked.length = 0;
  await run(secrets, "true");
  expect(asked).toEqual([]);
});

test("an empty secret is an empty file, and one of 500 KiB goes through whole", async () => {
  const count = "--mount=type=secret,id=token wc -c < /run/secrets/token";
  expect(await run(async () => new Uint8Array(), count)).toEqual(["0"]);
  expect(await run(async () => new Uint8Array(500 * 1024), count)).toEqual([`${500 * 1024}`]);
});

test("a secret that can't be had ends the build with the reason, and not with the daemon's words", async () => {
  const mount = "--mount=type=secret,id=token sleep 30";
  const refused = async (): Promise<never> => {
    throw new HiveError("failed", "the vault is closed");
  };
  expect(await rejection(run(refused, mount))).toMatchObject({ message: "the vault is closed" });
  expect(await rejection(run(async () => new Uint8Array(500 * 1024 + 1), mount))).toMatchObject({
    message: 'Secret "token" has 512001 bytes; BuildKit takes 512000 at most',
  });
});

test("one that nobody has is missing, or fails the step that can't do without", async () => {
  const none: FindSecret = async () => undefined;
  expect(await run(none, "--mount=type=secret,id=token test ! -e /run/secrets/token")).toEqual([]);
  const required = "--mount=type=secret,id=token,required=true true";
  expect((await failureOf(run(none, required))).message).toContain("secret token: not found");
});
