/** A piece of a Go layout: an element, or text that stands for itself. */
export type LayoutPiece = { readonly text: string; readonly isElement: boolean };

// The longest first. A fraction of a second counts only behind "." or ",", and before no digit.
const element =
  /January|Jan|Monday|Mon|MST|2006|Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07|__2|_2006|_2|002|01|02|03|04|05|06|15|PM|pm|[.,]0+(?![0-9])|[.,]9+(?![0-9])|1|2|3|4|5/g;

const known = new Map<string, readonly LayoutPiece[]>();

/** Takes a layout apart. {@link https://pkg.go.dev/time#pkg-constants} */
export function readLayout(layout: string): readonly LayoutPiece[] {
  const cached = known.get(layout);
  if (cached !== undefined) return cached;
  const pieces: LayoutPiece[] = [];
  let at = 0;
  for (const match of layout.matchAll(element)) {
    const found = match[0];
    const next = layout[match.index + found.length] ?? "";
    // "Jan" in "Janet" is no month.
    if ((found === "Jan" || found === "Mon") && /[a-z]/.test(next)) continue;
    if (match.index > at) pieces.push({ text: layout.slice(at, match.index), isElement: false });
    if (found === "_2006") {
      pieces.push({ text: "_", isElement: false }, { text: "2006", isElement: true });
    } else {
      pieces.push({ text: found, isElement: true });
    }
    at = match.index + found.length;
  }
  if (at < layout.length) pieces.push({ text: layout.slice(at), isElement: false });
  if (known.size < 100 && layout.length < 200) known.set(layout, pieces);
  return pieces;
}

/** From January. */
export const months =
  "January February March April May June July August September October November December".split(
    " ",
  );
/** From Sunday. */
export const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
