import { describe, expect, test } from "bun:test";
import { chooseCredential } from "../../../src/cli/registry/choose-credential.ts";

/** Flags as a command gets them; those in `environment` came from there. */
function choose(
  flags: Readonly<Record<string, string>>,
  { side, environment = {} }: Parameters<typeof chooseFor>[1] = {},
): string | undefined {
  return chooseFor(flags, { side, environment })?.flag;
}

function chooseFor(
  flags: Readonly<Record<string, string>>,
  {
    side,
    environment = {},
  }: {
    readonly side?: "src" | "dest" | undefined;
    readonly environment?: Readonly<Record<string, string>>;
  },
): ReturnType<typeof chooseCredential> {
  const app = {
    env: { HIVE_REGISTRY_TOKEN: "of the mode env" },
    given: new Set(Object.keys(flags)),
  };
  return chooseCredential(app, { ...environment, ...flags }, side);
}

describe("chooseCredential()", () => {
  test("takes the one that is given, none by default", () => {
    expect(choose({})).toBeUndefined();
    expect(chooseFor({ authfile: "f" }, {})).toEqual({
      mode: "authfile",
      flag: "--authfile",
      value: "f",
      given: true,
    });
    expect(chooseFor({ auth: "none" }, {})?.mode).toBe("none");
  });

  test.each([
    [{ authfile: "f", creds: "a:s3cret" }, undefined, ["--authfile", "--creds"]],
    [{ auth: "home", token: "s3cret" }, undefined, ["--auth", "--token"]],
    [{ "src-auth": "env", "src-credsfile": "f" }, "src", ["--src-auth", "--src-credsfile"]],
    [{ auth: "none", creds: "a:s3cret" }, "dest", ["--auth", "--creds"]],
  ] as const)("refuses two of the same weight, with both names: %j", (flags, side, names) => {
    const error = refusalOf(() => choose(flags, { side }));
    expect(error).toMatchObject({ kind: "usage" });
    for (const name of names) expect(String(error)).toContain(name);
    expect(Bun.inspect(error)).not.toContain("s3cret");
  });

  test("a side's own flag comes before one for both, and says nothing of the other side", () => {
    const flags = { "src-authfile": "f", auth: "none" };
    expect(choose(flags, { side: "src" })).toBe("--src-authfile");
    expect(choose(flags, { side: "dest" })).toBe("--auth");
    expect(choose({ "src-authfile": "f" }, { side: "dest" })).toBeUndefined();
    expect(choose({ "src-authfile": "f" })).toBeUndefined();
  });

  test("the command line comes before the environment", () => {
    const environment = { creds: "a:b", "src-authfile": "e" };
    expect(choose({}, { environment })).toBe("--creds");
    expect(choose({ authfile: "f" }, { environment })).toBe("--authfile");
    expect(choose({ authfile: "f" }, { environment, side: "src" })).toBe("--authfile");
    expect(choose({}, { environment, side: "src" })).toBe("--src-authfile");
    expect(chooseFor({}, { environment })?.given).toBe(false);
  });

  test("HIVE_REGISTRY_TOKEN in the environment is no flag, but one on the command line is", () => {
    const token = "of the mode env";
    expect(choose({}, { environment: { token } })).toBeUndefined();
    expect(choose({ token })).toBe("--token");
    expect(choose({}, { environment: { token: "another" } })).toBe("--token");
  });
});

function refusalOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
