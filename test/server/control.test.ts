import { expect, test } from "bun:test";
import type { GcReport } from "../../src/server/gc-runner.ts";
import { createHealth } from "../../src/server/health.ts";
import { createPushActivity } from "../../src/server/push-activity.ts";
import { createServerHandler } from "../../src/server/server-handler.ts";
import { testUsers } from "./support/access.ts";

const report: GcReport = { manifests: 0, links: 0, blobs: 1, bytes: 9, dryRun: false, duration: 1 };

test("a garbage collection that an administrator waits for is not cut when it takes long", async () => {
  const timeouts: number[] = [];
  // It would take minutes to see it at a socket.
  const server = {
    timeout: (_: Request, seconds: number) => void timeouts.push(seconds),
    requestIP: () => null,
  };
  const ask = async (isAdmin: boolean): Promise<number> => {
    timeouts.length = 0;
    const handler = createServerHandler({
      registry: { fetch: async () => new Response() },
      pages: async () => new Response(),
      health: createHealth({ check: async () => undefined }),
      metrics: { parts: [], collect: () => ({}) },
      control: {
        status: () => Promise.reject(new Error("not asked for")),
        collectGarbage: async () => {
          expect(timeouts).toEqual([0]);
          return report;
        },
      },
      activity: createPushActivity(0),
      isStopping: () => false,
      authenticate: isAdmin ? undefined : testUsers("open/"),
      onError: () => undefined,
    });
    const request = new Request("http://registry.test/-/control/gc", { method: "POST" });
    return (await handler(request, server)).status;
  };
  expect(await ask(true)).toBe(200);
  expect(timeouts).toEqual([0, 255]);
  expect(await ask(false)).toBe(403);
  expect(timeouts).not.toContain(0);
});
