import { printableLines } from "../base/printable.ts";
import type { ImageDifference } from "../oci/compare/compare-images.ts";
import type { EntryDifference } from "../oci/compare/compare-layers.ts";

/** The first difference of two images, in a line or two. */
export function renderDifference(difference: ImageDifference): string {
  if (difference.where !== "layer") {
    const { where, field, first, second } = difference;
    return oneLine(`${where}: ${field} was ${first}, is ${second}`);
  }
  const { layer, layers, step, entry } = difference;
  const made = step === undefined ? "" : `\n${oneLine(step)}`;
  const what =
    entry === undefined
      ? "all entries are the same, they are packed otherwise"
      : renderEntry(entry);
  return `layer ${layer} of ${layers}: ${what}${made}`;
}

function renderEntry({ path, what, first, second, offset }: EntryDifference): string {
  const name = oneLine(path);
  const [was, is] = [oneLine(first), oneLine(second)];
  if (what === "missing") {
    return first === "missing"
      ? `${name} is there only in the second build`
      : `${name} is not there in the second build`;
  }
  if (what === "order") return `where ${was} was, ${is} is`;
  if (what === "content") {
    const sizes = first === second ? was : `${was}, then ${is}`;
    return `${name} has other content from byte ${offset ?? 0} on (${sizes})`;
  }
  if (what === "mtime") return `${name}: its time was ${timeOf(was)}, is ${timeOf(is)}`;
  return `${name}: ${what} was ${was}, is ${is}`;
}

/** Seconds since 1970 as people read them; anything else as it is. */
function timeOf(text: string): string {
  const time = new Date(Number(text) * 1000);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

function oneLine(text: string): string {
  return printableLines(text).join(" ");
}
