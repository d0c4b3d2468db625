import { expect, test } from "bun:test";
import { listImageNames, removeImageName } from "../../src/docker/image-names.ts";
import { rejection } from "../support/rejection.ts";
import { fakeEngine } from "./fake-engine.ts";

test("listImageNames() gives the names of all images; some have none", async () => {
  const images = [{ RepoTags: ["a:1", "127.0.0.1:5000/b:2"] }, { RepoTags: null }, {}];
  const { engine, requests } = fakeEngine(() => Response.json(images));
  expect(await listImageNames(engine)).toEqual(["a:1", "127.0.0.1:5000/b:2"]);
  expect(requests).toEqual(["GET /images/json"]);
  const broken = fakeEngine(() => Response.json({ message: "no space" }, { status: 500 }));
  expect(await rejection(listImageNames(broken.engine))).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("no space"),
  });
});

test("removeImageName() tells whether there was one", async () => {
  const answers: Readonly<Record<string, Response>> = {
    "DELETE /images/here:1": Response.json([{ Untagged: "here:1" }]),
    "DELETE /images/gone:1": Response.json({ message: "no such image" }, { status: 404 }),
    "DELETE /images/used:1": Response.json({ message: "container 1 uses it" }, { status: 409 }),
  };
  const { engine } = fakeEngine((request) => answers[request] ?? new Response());
  expect(await removeImageName(engine, "here:1")).toBe(true);
  expect(await removeImageName(engine, "gone:1")).toBe(false);
  expect(await rejection(removeImageName(engine, "used:1"))).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("container 1 uses it"),
  });
});
