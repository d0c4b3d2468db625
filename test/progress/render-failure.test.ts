import { expect, test } from "bun:test";
import type { EventOf } from "../../src/progress/event.ts";
import {
  renderFailure,
  renderFailureLine,
  rerunCommand,
} from "../../src/progress/render-failure.ts";
import type { Look } from "../../src/progress/terminal.ts";
import { asciiLook, at, colorLook, log, plainLook, reduceEvents, startStep } from "./script.ts";

const id = "tools:2 linux/amd64";

function render(
  failure: Partial<EventOf<"target.failed">>,
  look: Look = plainLook,
  seen = "",
): string {
  const event = {
    type: "target.failed",
    target: id,
    message: "exit code: 2",
    canceled: false,
    duration: 1400,
    ...failure,
    time: 0,
  } as EventOf<"target.failed">;
  const state = reduceEvents([
    at(0, startStep(id, "s", "[3/5] RUN make")),
    at(0, log(id, "s", seen)),
    ...(seen === ""
      ? []
      : [
          at(1, {
            type: "step.done",
            target: id,
            step: "s",
            cached: false,
            duration: 1,
            error: "x",
          }),
        ]),
    event,
  ]);
  return renderFailure(state.targets.get(id)!, event, look).join("\n");
}

const lines = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${index}`);
const text = "FROM a\nARG x\n\nRUN \u001B[2Jone \\\n\ttwo\nUSER 1\nCMD x\n";

test("renderFailure() shows all that is known", () => {
  const full = {
    message: "process did not complete\ncaused by: exit code: 2",
    step: { name: "[build 3/5] RUN make", log: ["one", "two \u001B[2J\u202E"] },
    source: { file: "images/tools/Dockerfile", line: 4, endLine: 5, text },
    hint: "First do this.\nThen that.",
  };
  expect(render(full)).toMatchSnapshot("Unicode");
  expect(render(full, asciiLook)).toMatchSnapshot("ASCII");
  expect(Bun.stripANSI(render(full, colorLook))).toBe(render(full));
});

test("renderFailure() needs a message only", () => {
  expect(render({})).toBe(
    [
      "✖ tools:2 linux/amd64 failed after 1.4s",
      "  error: exit code: 2",
      "  again: hive build tools:2 --platform linux/amd64",
    ].join("\n"),
  );
});

test("renderFailure() shows the last 40 lines of output", () => {
  const shown = render({ step: { name: "[3/5] RUN make", log: lines(45) } });
  expect(shown).toContain("│ … 5 lines before\n  │ line 5\n");
  expect(shown).not.toContain("line 4\n");
  expect(shown).toContain("│ line 44\n  error");
});

test("renderFailure() takes the output that was seen when the event brings less", () => {
  const shown = render(
    { step: { name: "[3/5] RUN make", log: ["line 1"] } },
    plainLook,
    "line 0\nline 1\n",
  );
  expect(shown).toContain("  [3/5] RUN make\n  │ line 0\n  │ line 1\n  error");
  expect(render({}, plainLook, "line 0\n")).toContain("  [3/5] RUN make\n  │ line 0\n  error");
});

for (const [line, endLine, marked] of [
  [1, 1, ["> 1", "  2", "  3"]],
  [7, 7, ["  5", "  6", "> 7"]],
  [4, 5, ["  2", "  3", "> 4", "> 5", "  6", "  7"]],
  [99, 99, []],
] as const) {
  test(`renderFailure() marks the lines ${line} to ${endLine} of the Dockerfile`, () => {
    const shown = render({ source: { file: "Dockerfile", line, endLine, text } });
    const gutters = [...shown.matchAll(/^ {2}([> ] \d+) │/gm)].map(([, gutter]) => gutter);
    expect(gutters).toEqual([...marked]);
    expect(shown).toContain(`--> Dockerfile:${line}`);
  });
}

test("renderFailure() says that a Dockerfile was rendered, and which line of the template it is", () => {
  const shown = render({
    source: { file: "Dockerfile.gotpl", line: 2, endLine: 2, text, templateLine: 9 },
  });
  expect(shown).toContain("--> Dockerfile.gotpl:9, as rendered:\n");
  expect(shown).toContain("> 2 │");
});

test("renderFailure() shows the beginning of a long instruction", () => {
  const source = { file: "Dockerfile", line: 3, endLine: 400, text: lines(500).join("\n") };
  const shown = render({ source });
  expect(shown).toContain("  >  3 │ line 2\n");
  expect(shown).toContain("  > 12 │ line 11\n    13 │ line 12\n    14 │ line 13\n  error");
});

test("renderFailureLine() is one line", () => {
  const state = reduceEvents([at(0, startStep(id, "s", "[3/5] RUN make"))]);
  const event = at(1, {
    type: "target.failed",
    target: id,
    message: "first\nsecond",
    canceled: false,
    duration: 1,
    step: { name: "[3/5] RUN make", log: [] },
  }) as EventOf<"target.failed">;
  expect(renderFailureLine(state.targets.get(id)!, event, plainLook)).toBe(
    "✖ tools:2 linux/amd64  [3/5] RUN make: first",
  );
});

test("rerunCommand() names the target", () => {
  expect(rerunCommand({ reference: "tools:2", platform: "linux/arm/v7" })).toBe(
    "hive build tools:2 --platform linux/arm/v7",
  );
  expect(rerunCommand({ reference: "tools:2", platform: "" })).toBe("hive build tools:2");
});
