/**
 * A reference as Docker shows it: without the default registry, its `library/` and the default tag. Two references that
 * differ only in these have one familiar name.
 */
export function familiarName(reference: string): string {
  const name = reference
    .replace(/^(?:index\.)?docker\.io\//, "")
    .replace(/^library\/(?=[^/]+$)/, "");
  return name.includes("@") ? name : name.replace(/:latest$/, "");
}
