import { describe, expect, test } from "bun:test";
import { Semaphore } from "../../src/base/semaphore.ts";

describe("Semaphore", () => {
  test("acquire() waits until a permit is given back, first come first served", async () => {
    const semaphore = new Semaphore(1);
    const order: string[] = [];
    const first = await semaphore.acquire();
    const second = semaphore.acquire().then((permit) => {
      order.push("second");
      return permit;
    });
    const third = semaphore.acquire().then((permit) => {
      order.push("third");
      return permit;
    });
    expect(order).toEqual([]);
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    (await third)[Symbol.dispose]();
    expect(order).toEqual(["second", "third"]);
  });

  test("acquire() lets more weight in first, and among equals who came first", async () => {
    const semaphore = new Semaphore(1);
    const held = await semaphore.acquire();
    const order: string[] = [];
    const waiting = (["a1", "b3", "c3", "d2"] as const).map(async (name) => {
      using _permit = await semaphore.acquire(undefined, Number(name[1]));
      order.push(name);
    });
    held[Symbol.dispose]();
    await Promise.all(waiting);
    expect(order).toEqual(["b3", "c3", "d2", "a1"]);
  });

  test("acquire() leaves the queue when its signal aborts", async () => {
    const semaphore = new Semaphore(1);
    const held = await semaphore.acquire();
    const abort = new AbortController();
    const waiting = semaphore.acquire(abort.signal);
    abort.abort(new Error("enough"));
    expect(waiting).rejects.toThrow("enough");
    held[Symbol.dispose]();
    using _permit = await semaphore.acquire();
  });

  test("giving a permit back twice frees one place", async () => {
    const semaphore = new Semaphore(1);
    const permit = await semaphore.acquire();
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    using _one = await semaphore.acquire();
    const abort = new AbortController();
    const two = semaphore.acquire(abort.signal);
    abort.abort(new Error("full"));
    expect(two).rejects.toThrow("full");
  });
});
