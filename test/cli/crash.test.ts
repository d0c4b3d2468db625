import { expect, test } from "bun:test";

test.each(["Promise.reject(new Error('odd'));", "setTimeout(() => { throw new Error('odd'); });"])(
  "exitOnCrash() ends the process with one line and exit code 70 after %s",
  async (crash) => {
    const script = `import { exitOnCrash } from "./src/cli/crash.ts";
exitOnCrash((code) => process.exit(code));
${crash}
setTimeout(() => {}, 10_000);`;
    const child = Bun.spawn([process.execPath, "-e", script], { stderr: "pipe" });
    expect(await child.stderr.text()).toBe(
      "internal error: odd\nhint: this is a bug in hive; HIVE_DEBUG=1 shows where\n",
    );
    expect(await child.exited).toBe(70);
  },
);
