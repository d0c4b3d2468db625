import { expect, test } from "bun:test";
import { createDeadline } from "../../src/base/deadline.ts";
import { watchLiveness } from "../../src/buildkit/liveness.ts";

test("createDeadline() passes with a TimeoutError", async () => {
  using deadline = createDeadline({ timeout: 5 });
  const reason: unknown = await deadline.passed.catch((error: unknown) => error);
  expect(reason).toMatchObject({ name: "TimeoutError" });
  expect(deadline.signal.reason).toBe(reason);
});

test("createDeadline() passes with the outer signal's reason, also when it came before", async () => {
  const abort = new AbortController();
  using before = createDeadline({ signal: abort.signal, timeout: 60_000 });
  abort.abort("enough");
  using after = createDeadline({ signal: abort.signal, timeout: 60_000 });
  expect(await before.passed.catch((reason: unknown) => reason)).toBe("enough");
  expect(await after.passed.catch((reason: unknown) => reason)).toBe("enough");
});

test("watchLiveness() asks a quiet peer once at a time and reports when it doesn't answer", async () => {
  let probes = 0;
  using liveness = watchLiveness({
    quiet: 12,
    lastSign: () => 0,
    async probe() {
      probes++;
      if (probes === 2) throw new Error("no answer");
    },
  });
  const reason: unknown = await liveness.dead.catch((error: unknown) => error);
  expect(String(reason)).toBe("Error: no answer");
  expect(probes).toBe(2);
});

test("watchLiveness() takes a peer of which something comes for alive, though its answer doesn't", async () => {
  let probes = 0;
  let comes = true;
  let last = 0;
  using liveness = watchLiveness({
    quiet: 12,
    lastSign: () => last,
    async probe() {
      probes++;
      // Comes while it is asked.
      if (comes) last = performance.now() + 1;
      comes = false;
      throw new Error("no answer");
    },
  });
  await liveness.dead.catch(() => {});
  expect(probes).toBe(2);
});
