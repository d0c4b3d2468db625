import { expect, test } from "bun:test";
import { detectCi, useColor, useUnicode } from "../../src/progress/terminal.ts";

for (const [env, isTTY, choice, color] of [
  [{}, true, "auto", true],
  [{}, false, "auto", false],
  [{}, false, "always", true],
  [{ FORCE_COLOR: "1" }, true, "never", false],
  [{ NO_COLOR: "1" }, true, "always", true],
  [{ NO_COLOR: "1" }, true, "auto", false],
  [{ NO_COLOR: "0" }, true, "auto", false],
  [{ NO_COLOR: "" }, true, "auto", true],
  [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true, "auto", false],
  [{ FORCE_COLOR: "1" }, false, "auto", true],
  [{ FORCE_COLOR: "3", TERM: "dumb" }, false, "auto", true],
  [{ FORCE_COLOR: "0" }, true, "auto", false],
  [{ FORCE_COLOR: "" }, false, "auto", false],
  [{ TERM: "dumb" }, true, "auto", false],
  [{ GITHUB_ACTIONS: "true" }, false, "auto", true],
  [{ GITLAB_CI: "true" }, false, "auto", true],
  [{ JENKINS_URL: "http://x" }, false, "auto", false],
  [{ CI: "true" }, false, "auto", false],
  [{ GITHUB_ACTIONS: "true", TERM: "dumb" }, false, "auto", false],
] as const) {
  test(`useColor() is ${color} for ${JSON.stringify(env)}, tty ${isTTY}, --color=${choice}`, () => {
    expect(useColor(env, isTTY, choice)).toBe(color);
  });
}

for (const [env, unicode] of [
  [{ LANG: "en_US.UTF-8" }, true],
  [{ LANG: "C.utf8" }, true],
  [{ LANG: "C" }, false],
  [{}, false],
  [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
  [{ LC_ALL: "", LC_CTYPE: "de_DE.UTF-8", LANG: "C" }, true],
  [{ LANG: "en_US.UTF-8", TERM: "linux" }, false],
  [{ LANG: "en_US.UTF-8", TERM: "dumb" }, false],
  [{ WT_SESSION: "1" }, true],
] as const) {
  test(`useUnicode() is ${unicode} for ${JSON.stringify(env)}`, () => {
    expect(useUnicode(env)).toBe(unicode);
  });
}

for (const [env, ci] of [
  [{}, undefined],
  [{ CI: "true" }, "other"],
  [{ CI: "1" }, "other"],
  [{ CI: "false" }, undefined],
  [{ CI: "0" }, undefined],
  [{ CI: "" }, undefined],
  [{ CI: "true", GITHUB_ACTIONS: "true" }, "github"],
  [{ GITLAB_CI: "true" }, "gitlab"],
  [{ TF_BUILD: "True" }, "azure"],
  [{ JENKINS_URL: "http://x" }, "jenkins"],
  [{ HIVE_CI: "1" }, "other"],
  [{ HIVE_CI: "0", CI: "true", GITHUB_ACTIONS: "true" }, undefined],
  [{ HIVE_CI: "1", GITLAB_CI: "true" }, "gitlab"],
  [{ HIVE_CI: "", CI: "true" }, "other"],
] as const) {
  test(`detectCi() is ${ci} for ${JSON.stringify(env)}`, () => {
    expect(detectCi(env)).toBe(ci);
  });
}
