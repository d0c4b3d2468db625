const longest = 10;

/** `a, b, c`; of many the first ones, and how many more there are: `a, b, c and 4 more`. */
export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, longest).join(", ");
  return names.length > longest ? `${shown} and ${names.length - longest} more` : shown;
}
