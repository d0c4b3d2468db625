// The daemon's own frontend is this image, as of the daemon's release.
const builtIn = /^(?:docker\.io\/)?docker\/dockerfile(?::(?:latest|1(?:\.\d+){0,2}))?$/;

const directive = /^(?:#|\/\/)\s*(syntax|escape|check)\s*=\s*(.+?)\s*$/i;

/**
 * Whether a Dockerfile asks for a frontend that the daemon doesn't have built in.
 *
 * `# syntax=docker/dockerfile:1` (or 1.x, latest) makes the daemon pull that image before each build: it needs
 * a network, counts against Docker Hub's limits, and lets a build change with the day. The daemon's own frontend
 * is the same program, so it takes these. Anything else was chosen on purpose and is left to the daemon:
 * another frontend, the `labs` channel, a digest.
 */
export function needsOwnFrontend(dockerfile: Uint8Array): boolean {
  const syntax = findSyntax(new TextDecoder().decode(dockerfile));
  return syntax !== undefined && !builtIn.test(syntax);
}

/** The value of the directive `# syntax=`; directives stand before anything else, at most one of each. */
function findSyntax(text: string): string | undefined {
  for (const line of text.replace(/^#!.*\n/, "").split(/\r?\n/)) {
    const [, key, value] = directive.exec(line) ?? [];
    if (key === undefined) return undefined;
    // What follows the image's name is the frontend's command line.
    if (key.toLowerCase() === "syntax") return value?.split(/\s+/)[0];
  }
  return undefined;
}
