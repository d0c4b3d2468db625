import { expect, test } from "bun:test";
import { createPushActivity } from "../../src/server/push-activity.ts";

test("a push goes on from its first request until nothing came for it for a while", async () => {
  const activity = createPushActivity(50);
  expect(activity.count()).toBe(0);
  const first = activity.begin("a");
  expect([activity.isActive("a"), activity.isActive("b"), activity.count()]).toEqual([
    true,
    false,
    1,
  ]);
  first(true);
  expect(activity.isActive("a")).toBe(true);
  await Bun.sleep(80);
  expect([activity.isActive("a"), activity.count()]).toEqual([false, 0]);
});

test("requests that are refused are no push", () => {
  const activity = createPushActivity(60_000);
  activity.begin("a")(false);
  expect(activity.isActive("a")).toBe(false);
  const one = activity.begin("b");
  activity.begin("b")(false);
  expect(activity.isActive("b")).toBe(true);
  one(true);
  expect(activity.isActive("b")).toBe(true);
});
