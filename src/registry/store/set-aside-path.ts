/** Where a damaged file is kept, beside itself. */
export function setAsidePath(path: string): string {
  return `${path}.damaged-${new Date().toISOString().replaceAll(":", "")}`;
}
