import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Digest, digestHex, digestOf } from "../oci/digest.ts";

/** Texts that records name by digest: Dockerfiles and listings of contexts, each kept once however many targets have it. */
export type InputTexts = {
  /** Undefined when it is not there, or is damaged. */
  find(digest: Digest): string | undefined;
  /** Does nothing when there is one. */
  store(digest: Digest, text: () => string): void;
};

/** Texts as files in `directory`, named by the digest they are asked for. */
export function openInputTexts(directory: string): InputTexts {
  const path = (digest: Digest): string => join(directory, digestHex(digest));
  return {
    find(digest) {
      try {
        const whole = readFileSync(path(digest), "utf8");
        const end = whole.indexOf("\n");
        const text = whole.slice(end + 1);
        return digestOf(text) === whole.slice(0, end) ? text : undefined;
      } catch {
        return undefined;
      }
    },
    store(digest, text) {
      if (existsSync(path(digest))) return;
      const content = text();
      mkdirSync(directory, { recursive: true });
      const temporary = `${path(digest)}.${crypto.randomUUID().slice(0, 8)}`;
      // A context's digest may be one of more than its listing, so the text brings its own.
      writeFileSync(temporary, `${digestOf(content)}\n${content}`);
      renameSync(temporary, path(digest));
    },
  };
}
