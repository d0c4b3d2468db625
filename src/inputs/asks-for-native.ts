/**
 * Whether a Dockerfile uses the platform that BuildKit runs on.
 * @param parents the Dockerfiles of what it builds on: their ONBUILD is carried out in it
 */
export function asksForNative(text: string, parents: readonly string[] = []): boolean {
  return (
    names.test(text) ||
    parents.some((parent) => /^\s*ONBUILD\b/im.test(parent) && names.test(parent))
  );
}

const names = /\bBUILD(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)\b/;
