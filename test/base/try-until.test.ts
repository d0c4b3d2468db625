import { describe, expect, test } from "bun:test";
import { HiveError } from "../../src/base/hive-error.ts";
import { tryUntil } from "../../src/base/try-until.ts";

const later = new HiveError("unreachable", "nobody there yet");

describe("tryUntil()", () => {
  test("tries again what is unreachable, and tells each time", async () => {
    const told: HiveError[] = [];
    let left = 2;
    const attempt = async (): Promise<string> => {
      if (left-- > 0) throw later;
      return "there";
    };
    const { signal } = new AbortController();
    const options = { signal, delay: 1, onFailure: (error: HiveError) => void told.push(error) };
    expect(await tryUntil(attempt, options)).toBe("there");
    expect(told).toEqual([later, later]);
  });

  test("does not try again what will not change", async () => {
    const wrong = new HiveError("usage", "no such scheme");
    let tries = 0;
    const attempt = async (): Promise<void> => {
      tries++;
      throw wrong;
    };
    const { signal } = new AbortController();
    const trying = tryUntil(attempt, { signal, delay: 1, onFailure() {} });
    expect(await trying.catch((error: unknown) => error)).toBe(wrong);
    expect(tries).toBe(1);
  });

  test("ends with the signal's reason, also between two tries", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const attempt = async (): Promise<void> => {
      throw later;
    };
    const onFailure = (): void => void setTimeout(() => stop.abort(reason), 1);
    const trying = tryUntil(attempt, { signal: stop.signal, delay: 3_600_000, onFailure });
    expect(await trying.catch((error: unknown) => error)).toBe(reason);
  });
});
