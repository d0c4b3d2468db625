import { expect, test } from "bun:test";
import { imageAttrs, registryHandover } from "../../../src/build/handover/handover.ts";
import { remoteHandover } from "../../../src/build/handover/remote-handover.ts";
import type { RemotePlace } from "../../../src/build/handover/remote-place.ts";
import { digestOf } from "../../../src/oci/digest.ts";
import { sampleTarget } from "../sample-target.ts";

const place: RemotePlace = {
  host: "r.test:5000",
  prefix: "team",
  buildId: "mr-7",
  tls: true,
  insecure: false,
  format: "oci",
};
const target = sampleTarget("base");
const digest = digestOf("image");
const name = "r.test:5000/team/base:1.linux-amd64-build.mr-7";

test("a daemon pushes to the tag of a platform, and pulls from there by digest", () => {
  const handover = remoteHandover(place);
  const attrs = { ...imageAttrs(target), name, push: "true", store: "false" };
  expect(handover.exporter(target)).toEqual({ type: "image", attrs });
  expect(handover.contextValue(target, digest)).toBe(`docker-image://${name}@${digest}`);
  expect(handover.cacheImport?.(target, digest)?.attrs).toEqual({
    ref: `r.test:5000/team/base@${digest}`,
  });
});

test("but for where it goes it is told the same as for the store: the digest must not depend on that", () => {
  const { name: _there, ...remote } = remoteHandover(place).exporter(target).attrs;
  const { name: _here, ...local } = registryHandover("127.0.0.1:1").exporter(target).attrs;
  expect(remote).toEqual(local);
});

test("plain HTTP beyond loopback, and Docker's media types, are said", () => {
  const handover = remoteHandover({ ...place, insecure: true, format: "docker", prefix: "" });
  expect(handover.exporter(target).attrs).toMatchObject({
    name: "r.test:5000/base:1.linux-amd64-build.mr-7",
    "registry.insecure": "true",
    "oci-mediatypes": "false",
  });
});
