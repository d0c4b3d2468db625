/** What the names of another registry's repositories begin with here: a colon, as before a port, can't be in a name. */
export function mirrorPrefix(name: string): string {
  return name.toLowerCase().replace(":", "_");
}
