import { expect, test } from "bun:test";
import { createRateWindow } from "../../../src/progress/transfer/rate-window.ts";

test("createRateWindow() says nothing before there is something to say", () => {
  const window = createRateWindow();
  expect(window.rate(10_000)).toBeUndefined();
  window.add(10_000, 1000);
  expect(window.rate(10_100)).toBeUndefined();
  expect(window.rate(11_000)).toBe(1000);
});

test("createRateWindow() follows the last five seconds", () => {
  const window = createRateWindow();
  for (let time = 0; time < 60_000; time += 100) window.add(time, 1000);
  expect(window.rate(60_000)).toBeCloseTo(10_000, -3);
  for (let time = 60_000; time < 70_000; time += 100) window.add(time, 50);
  expect(window.rate(70_000)).toBeCloseTo(500, -2);
  expect(window.rate(80_000)).toBe(0);
});
