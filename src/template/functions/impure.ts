import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { environmentValue } from "../../base/environment.ts";
import {
  fixed,
  FunctionError,
  variadic,
  type CallContext,
  type TemplateFunction,
} from "../function.ts";
import { int } from "../value.ts";

const digits = "0123456789";
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");

function random(length: number, from: string, { budget }: CallContext): string {
  // Less than nothing would be given back to the budget.
  const count = Math.max(0, length);
  budget.spendText(count * 64);
  return Array.from({ length: count }, () => from[randomInt(from.length)]).join("");
}

function randomText(from: string): TemplateFunction {
  return fixed(["int"], ([length], context) => random(length, from, context));
}

function expand(text: string): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z0-9_]+))/g, (_, braced?: string, bare?: string) => {
    return environmentValue(process.env, braced ?? bare ?? "") ?? "";
  });
}

/** What gives another result on another machine, or each time. */
export const impureFunctions: Readonly<Record<string, TemplateFunction>> = {
  env: fixed(["string"], ([name]) => environmentValue(process.env, name) ?? ""),
  expandenv: fixed(["string"], ([text]) => expand(text)),
  uuidv4: fixed([], () => randomUUID()),
  randAlpha: randomText(letters),
  randAlphaNum: randomText(letters + digits),
  randNumeric: randomText(digits),
  randAscii: randomText(ascii),
  randInt: fixed(["int", "int"], ([low, high]) => {
    if (high <= low) throw new Error("the second number must be greater than the first");
    return int(randomInt(low, high));
  }),
  randBytes: fixed(["int"], ([length], { budget }) => {
    budget.spendText(length * 64);
    return randomBytes(length).toString("base64");
  }),
};

/** The names of `impureFunctions`, which only refuse. */
export const refusedImpure: Readonly<Record<string, TemplateFunction>> = Object.fromEntries(
  Object.keys(impureFunctions).map((name) => [
    name,
    variadic([], "any", () => {
      throw new FunctionError(
        "impure",
        `${name} would make builds irreproducible: it gives another result on another machine, or each time`,
        "write the value in image.yml and read it from .Versions or .BuildArgs; or allow it with --impure-templates",
      );
    }),
  ]),
);

const never =
  "bcrypt htpasswd genPrivateKey genCA genCAWithKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey buildCustomCert encryptAES getHostByName shuffle";
const unsupported = "derivePassword decryptAES";

function refuse(names: string, why: string): [string, TemplateFunction][] {
  return names.split(" ").map((name) => {
    const call = (): never => {
      throw new FunctionError(
        "unsupported",
        `${name} is a sprig function that hive does not support${why}`,
      );
    };
    return [name, { parameters: [], rest: "any", call }];
  });
}

/** What sprig has and hive has not. */
export const unsupportedFunctions: Readonly<Record<string, TemplateFunction>> = Object.fromEntries([
  ...refuse(never, ": it would make builds irreproducible"),
  ...refuse(unsupported, ""),
]);
