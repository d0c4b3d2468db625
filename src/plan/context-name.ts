/** The name by which BuildKit looks a named context up: Docker's registry and the tag `latest` are left out. */
export function contextNameOf(image: string): string {
  return image.replace(/^docker\.io\/(?:library\/)?/, "").replace(/:latest$/, "");
}
