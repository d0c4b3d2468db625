import { fitText } from "../base/text-width.ts";

/** A piece of a line, and how much it matters. */
export type WeightedPart = readonly [weight: number, text: string];

/** The parts as one line of at most `columns`: where there is no room those of the least weight fall out first. */
export function fitParts(
  parts: readonly WeightedPart[],
  { columns, ellipsis }: { readonly columns: number; readonly ellipsis: string },
): string {
  const left = [...parts];
  const line = (): string => ` ${left.map(([, text]) => text).join("  ")}`;
  while (left.length > 1 && Bun.stringWidth(line()) > columns) {
    const least = Math.min(...left.map(([weight]) => weight));
    left.splice(
      left.findIndex(([weight]) => weight === least),
      1,
    );
  }
  return fitText(line(), columns, { ellipsis });
}
