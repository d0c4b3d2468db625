// SGR codes with the code that ends only this attribute, so that styles may be nested.
const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

type Style = keyof typeof styles;

/** Colours text, or hands it back as it is when colour is off. */
export type Painter = { readonly [style in Style]: (text: string) => string };

const on = createPainters(true);
const off = createPainters(false);

/** The painter for a stream on which colour was decided: see `useColor()`. */
export function createPainter(color: boolean): Painter {
  return color ? on : off;
}

function createPainters(color: boolean): Painter {
  const paint =
    (style: Style) =>
    (text: string): string => {
      if (!color || text === "") return text;
      const [start, end] = styles[style];
      return `\u001B[${start}m${text}\u001B[${end}m`;
    };
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    blue: paint("blue"),
    magenta: paint("magenta"),
    cyan: paint("cyan"),
  };
}
