import { expect, test } from "bun:test";
import { createHealth } from "../../src/server/health.ts";

const ask = (method = "GET"): Request => new Request("http://registry.test/healthz", { method });

test("createHealth() says ok, or failing and nothing of why", async () => {
  let broken = false;
  const check = async (): Promise<void> => {
    if (broken) throw new Error("no space left in /srv/secret");
  };
  const health = createHealth({ check, validity: -1 });
  const ok = await health.serve(ask());
  expect([ok.status, await ok.text()]).toEqual([200, '{"status":"ok"}']);
  broken = true;
  const failing = await health.serve(ask());
  expect([failing.status, await failing.text()]).toEqual([503, '{"status":"failing"}']);
  const head = await health.serve(ask("HEAD"));
  expect([head.status, await head.text()]).toEqual([503, ""]);
  expect(await health.serve(ask("POST")).catch((error: unknown) => error)).toMatchObject({
    status: 405,
  });
});

test("createHealth() asks the disk once for many", async () => {
  let checks = 0;
  const health = createHealth({ check: async () => void checks++, validity: 60_000 });
  await Promise.all(Array.from({ length: 100 }, () => health.serve(ask())));
  await health.serve(ask());
  expect(checks).toBe(1);
});

test("createHealth() fails when a check hangs, starts no other beside it, and comes back", async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let checks = 0;
  const check = async (): Promise<void> => {
    checks++;
    await promise;
  };
  const health = createHealth({ check, validity: -1, deadline: 5 });
  for (let i = 0; i < 3; i++) expect((await health.serve(ask())).status).toBe(503);
  expect(checks).toBe(1);
  resolve(undefined);
  await Bun.sleep(0);
  expect((await health.serve(ask())).status).toBe(200);
});
