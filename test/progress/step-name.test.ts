import { expect, test } from "bun:test";
import { parseStepName } from "../../src/progress/step-name.ts";

for (const [name, label, position, internal] of [
  ["[4/7] RUN make", "RUN make", "4/7", false],
  ["[stage-0 4/7] RUN make", "RUN make", "4/7", false],
  ["[stage-1  4/12] RUN make", "RUN make", "4/12", false],
  ["[build 4/7] RUN make", "RUN make", "build 4/7", false],
  ["[linux/arm64 build 4/7] RUN make", "RUN make", "build 4/7", false],
  ["[linux/arm/v7 4/7] RUN make", "RUN make", "4/7", false],
  ["[linux/arm64 stage-0 1/2] FROM a:1@sha256:ab", "FROM a:1@sha256:ab", "1/2", false],
  ["[internal] load build context", "load build context", "", true],
  ["[linux/amd64 internal] load metadata for a:1", "load metadata for a:1", "", true],
  ["[auth] library/debian:pull token", "library/debian:pull token", "", true],
  ["[context base] load metadata", "[context base] load metadata", "", true],
  ["exporting to image", "exporting to image", "", true],
  ["importing cache manifest from a:1", "importing cache manifest from a:1", "", true],
  ["docker-image://a:1", "docker-image://a:1", "", false],
  ["[1/2] RUN <<EOF\n\u001B[2Jset -e\nEOF", "RUN <<EOF set -e EOF", "1/2", false],
  ["[internal]", "[internal]", "", true],
] as const) {
  test(`parseStepName() reads ${JSON.stringify(name)}`, () => {
    expect(parseStepName(name)).toEqual({ label, position, internal });
  });
}
