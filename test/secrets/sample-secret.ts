import { Hidden } from "../../src/base/hidden.ts";
import type { Secret } from "../../src/secrets/secret.ts";

/** A secret `token`, declared at image.yml:3:5. */
export function sampleSecret(source: Secret["source"], value: string): Secret {
  const place = { file: "image.yml", line: 3, column: 5 };
  return { id: "token", source, value: new Hidden(value), place };
}
