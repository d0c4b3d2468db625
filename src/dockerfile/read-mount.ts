import { sliceText, type LocatedText } from "./located-text.ts";

/**
 * The fields of `type=bind,from=image,target=/x`, by their names in lower case: one record of comma-separated values,
 * quotes allowed. Of a name that is there twice, the last one counts.
 */
export function readMount(mount: LocatedText): Map<string, LocatedText> {
  const fields = new Map<string, LocatedText>();
  for (const field of splitFields(mount)) {
    const equals = field.text.indexOf("=");
    if (equals === -1) continue;
    fields.set(field.text.slice(0, equals).toLowerCase(), sliceText(field, equals + 1));
  }
  return fields;
}

function splitFields(record: LocatedText): LocatedText[] {
  const fields: LocatedText[] = [];
  let kept: number[] = [];
  let quoted = false;
  const finish = (): void => {
    const text = kept.map((at) => record.text[at]).join("");
    fields.push({ text, offsets: kept.map((at) => record.offsets[at] ?? 0) });
    kept = [];
  };
  for (let at = 0; at < record.text.length; at++) {
    const char = record.text[at];
    if (char === '"' && quoted && record.text[at + 1] === '"') kept.push(++at);
    else if (char === '"') quoted = !quoted;
    else if (char === "," && !quoted) finish();
    else kept.push(at);
  }
  finish();
  return fields;
}
