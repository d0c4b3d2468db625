import { closestNames } from "../../base/closest.ts";

/**
 * The address that one without a known scheme was probably meant to be: `/run/b.sock` is `unix:///run/b.sock`,
 * `host:1234` is `tcp://host:1234`, `tpc://host` is `tcp://host`.
 * @param words those that are addresses by themselves
 */
export function suggestAddress(
  text: string,
  { schemes, words }: { readonly schemes: readonly string[]; readonly words: readonly string[] },
): string | undefined {
  if (/^\/[^/]/.test(text)) return `unix://${text}`;
  if (/^(?:[\w.-]*[a-z.][\w.-]*|[\d.]+|\[[\da-f:]+\]):\d+$/i.test(text)) return `tcp://${text}`;
  const [, name = "", rest] = /^([\w+-]+)(?:(?::\/{0,2}|\/\/)(.*))?$/.exec(text) ?? [];
  if (rest === undefined) {
    const [word] = closestNames(name, [...words, ...schemes]);
    // A scheme alone is an address only where it says what to look for.
    if (word === undefined || words.includes(word)) return word;
    return word === "docker" ? "docker://" : undefined;
  }
  const [scheme] = name === "http" ? ["tcp"] : closestNames(name, schemes);
  if (scheme === undefined || rest === "") return undefined;
  return scheme === "unix" ? `unix:///${rest.replace(/^\/+/, "")}` : `${scheme}://${rest}`;
}
