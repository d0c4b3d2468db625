/** The name of a repository at a registry where a prefix stands before the names of all: `team/app`. */
export function within(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}/${name}`;
}
