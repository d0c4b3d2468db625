// A word is capitals, or letters behind at most one capital; digits belong to the word before them unless small letters
// follow: "HTTPServer2Go" is http, server2, go, and "http2xx" is http, 2xx.
const words =
  /(?:\p{Lu}+(?![\p{L}--\p{Lu}])|\p{Lu}?[\p{L}--\p{Lu}]+)(?:\p{Nd}+(?![\p{Nd}[\p{L}--\p{Lu}]]))?|\p{Nd}[\p{Nd}[\p{L}--\p{Lu}]]*/gv;
const runs = /[\p{L}\p{Nd}]+/gv;
const connectors = /[\s_-]/g;

function separated(text: string, separator: string): string {
  return text
    .replace(connectors, separator)
    .replace(runs, (run) => (run.match(words) ?? [run]).join(separator))
    .toLowerCase();
}

/** `http_server` of `HTTPServer`. */
export function toSnakeCase(text: string): string {
  return separated(text, "_");
}

/** `http-server` of `HTTPServer`. */
export function toKebabCase(text: string): string {
  return separated(text, "-");
}

const pieces = /[\s_-]+|[^\s_-]+/g;

/** A connector between two words goes; further ones, and those at the ends, stay. */
export function toCamelCase(text: string): string {
  const all = text.match(pieces) ?? [];
  return all
    .map((piece, index) => {
      if (!/^[\s_-]/.test(piece)) return capitalize(piece);
      return index === 0 || index === all.length - 1 ? piece : piece.slice(1);
    })
    .join("");
}

// Capitals behind the first letter become small, up to the first letter that is none.
function capitalize(word: string): string {
  return word.replace(/^(\p{Lu}+|[^])/u, (start) => {
    const [first = "", ...others] = start;
    return first.toUpperCase() + others.join("").toLowerCase();
  });
}
