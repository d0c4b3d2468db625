import type { Diagnostic, Place } from "./diagnostic.ts";
import { createPainter, type Painter } from "./painter.ts";

/** A finding as a frame: header, place, the line with its underline, related places, help. No line break at the end. */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  painter: Painter = createPainter(false),
): string {
  const paint = diagnostic.severity === "error" ? painter.red : painter.yellow;
  const shown = [diagnostic, ...(diagnostic.related ?? [])];
  const width = Math.max(...shown.map((part) => String(part.place.line).length));
  const gutter = " ".repeat(width);
  const head = paint(`${diagnostic.severity}[${diagnostic.code}]`);
  const lines = [`${head}${painter.bold(`: ${visibleLines(diagnostic.message).join("\n")}`)}`];
  lines.push(`${gutter}${painter.blue("-->")} ${formatPlace(diagnostic.place)}`);
  lines.push(...excerpt(diagnostic, { width, label: diagnostic.label, paint, painter }));
  for (const part of diagnostic.related ?? []) {
    lines.push(`${gutter}${painter.blue(":::")} ${formatPlace(part.place)}`);
    lines.push(...excerpt(part, { width, label: part.message, paint: painter.blue, painter }));
  }
  for (const line of diagnostic.help === undefined ? [] : visibleLines(diagnostic.help)) {
    lines.push(`${gutter} ${painter.blue("=")} help: ${line}`);
  }
  return lines.join("\n");
}

type ExcerptOptions = {
  readonly width: number;
  readonly label: string | undefined;
  readonly paint: (text: string) => string;
  readonly painter: Painter;
};

function excerpt(
  part: { readonly place: Place; readonly lineText?: string | undefined },
  { width, label, paint, painter }: ExcerptOptions,
): string[] {
  const gutter = " ".repeat(width);
  const bar = painter.blue("|");
  if (part.lineText === undefined) {
    return label === undefined ? [] : [`${gutter} ${painter.blue("=")} ${visible(label)}`];
  }
  const { place } = part;
  const { text, before, marked } = window(part.lineText, place.column - 1, place.length ?? 1);
  const number = painter.blue(String(place.line).padStart(width));
  const underline = paint("^".repeat(Math.max(1, Bun.stringWidth(marked))));
  const note = label === undefined ? "" : ` ${paint(visible(label))}`;
  return [
    `${gutter} ${bar}`,
    `${number} ${bar} ${text}`.trimEnd(),
    `${gutter} ${bar} ${" ".repeat(Bun.stringWidth(before))}${underline}${note}`,
  ];
}

const widest = 160;

// Long lines are cut around the underline; tabs and control characters would shift it, or do worse to a terminal.
function window(
  line: string,
  start: number,
  length: number,
): { text: string; before: string; marked: string } {
  const from = line.length <= widest ? 0 : Math.max(0, start - 40);
  const to = Math.min(line.length, from + widest);
  const head = from > 0 ? "…" : "";
  const tail = to < line.length ? "…" : "";
  return {
    text: `${head}${visible(line.slice(from, to))}${tail}`,
    before: `${head}${visible(line.slice(from, start))}`,
    marked: visible(line.slice(start, Math.min(start + length, to))),
  };
}

function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll("\t", "  ").replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

function visibleLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => visible(line));
}

/** `images/python/image.yml:14:1`: a file's name is as foreign as what is in it. */
function formatPlace({ file, line, column }: Place): string {
  return visible(`${file}:${line}:${column}`);
}
