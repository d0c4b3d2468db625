import { describe, expect, test } from "bun:test";
import {
  createGuessLimiter,
  type GuessLimiter,
} from "../../../src/registry/access/guess-limiter.ts";

type Fixture = { readonly limiter: GuessLimiter; pass(milliseconds: number): void };

function fixture(): Fixture {
  let time = 0;
  return {
    limiter: createGuessLimiter({ now: () => time }),
    pass: (milliseconds) => {
      time += milliseconds;
    },
  };
}

function fail({ limiter }: Fixture, times: number, address: string, user: string): void {
  for (let time = 0; time < times; time++) limiter.begin(address, user);
}

describe("createGuessLimiter()", () => {
  test("makes an address wait for a name after five failures, longer every time, at most a minute", () => {
    const f = fixture();
    fail(f, 5, "a", "bob");
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      const attempt = f.limiter.begin("a", "bob");
      if (attempt.kind !== "blocked") throw new Error("not blocked");
      waits.push(attempt.wait);
      f.pass(attempt.wait);
      expect(f.limiter.begin("a", "bob").kind).toBe("allowed");
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  test("a success starts over", () => {
    const f = fixture();
    fail(f, 4, "a", "bob");
    const right = f.limiter.begin("a", "bob");
    if (right.kind === "allowed") right.succeeded();
    fail(f, 4, "a", "bob");
    expect(f.limiter.begin("a", "bob").kind).toBe("allowed");
  });

  test("a success with one name does not free an address to guess at others", () => {
    const f = fixture();
    for (let round = 0; round < 20; round++) {
      fail(f, 1, "a", `victim ${round}`);
      const own = f.limiter.begin("a", "eve");
      if (own.kind === "allowed") own.succeeded();
    }
    expect(f.limiter.begin("a", "another victim").kind).toBe("blocked");
  });

  test("makes an address wait for every name after twenty failures", () => {
    const f = fixture();
    for (let user = 0; user < 20; user++) fail(f, 1, "a", `user ${user}`);
    expect(f.limiter.begin("a", "bob")).toEqual({ kind: "blocked", wait: 1000 });
    expect(f.limiter.begin("b", "bob").kind).toBe("allowed");
  });

  test("attempts that are still being checked count", () => {
    const f = fixture();
    const kinds = Array.from({ length: 100 }, () => f.limiter.begin("a", "bob").kind);
    expect(kinds.filter((kind) => kind === "allowed")).toHaveLength(5);
  });

  test("only delays a name that is guessed at from everywhere, up to two seconds", () => {
    const f = fixture();
    const delays = Array.from({ length: 100 }, (_, address) => {
      const attempt = f.limiter.begin(`address ${address}`, "bob");
      return attempt.kind === "allowed" ? attempt.delay : Number.NaN;
    });
    expect(delays.slice(0, 13)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200]);
    expect(delays.at(-1)).toBe(2000);
    expect(f.limiter.begin("another", "eve")).toMatchObject({ kind: "allowed", delay: 0 });
  });

  test("forgets after a quarter of an hour", () => {
    const f = fixture();
    fail(f, 5, "a", "bob");
    f.pass(15 * 60_000 + 1);
    fail(f, 4, "a", "bob");
    expect(f.limiter.begin("a", "bob").kind).toBe("allowed");
  });
});
