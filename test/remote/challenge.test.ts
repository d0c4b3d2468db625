import { describe, expect, test } from "bun:test";
import { parseChallenges } from "../../src/remote/challenge.ts";

describe("parseChallenges()", () => {
  test("reads the token challenge of registries", () => {
    const header =
      'Bearer realm="https://auth.test/token",service="registry.test",scope="repository:a/b:pull,push"';
    expect(parseChallenges(header)).toEqual([
      {
        scheme: "bearer",
        parameters: {
          realm: "https://auth.test/token",
          service: "registry.test",
          scope: "repository:a/b:pull,push",
        },
      },
    ]);
  });

  test("reads several challenges, unquoted values, quoted quotes, odd spaces", () => {
    expect(parseChallenges(`Negotiate, BASIC Realm = "a \\"b\\", c" , Bearer realm=x;y`)).toEqual([
      { scheme: "negotiate", parameters: {} },
      { scheme: "basic", parameters: { realm: 'a "b", c' } },
      { scheme: "bearer", parameters: { realm: "x;y" } },
    ]);
  });

  test("the first value of a parameter counts", () => {
    expect(parseChallenges('Bearer realm="a", realm="b"')[0]?.parameters["realm"]).toBe("a");
  });

  test.each([[null], [""], ["=,="], ['realm="x"']])("finds none in %p", (header) => {
    expect(parseChallenges(header)).toEqual([]);
  });

  test("is done with a long hostile header at once", () => {
    expect(parseChallenges(`Bearer ${'a="\\'.repeat(20_000)}`).length).toBeGreaterThan(0);
  });
});
