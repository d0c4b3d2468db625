const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a text, each in PEM form as it stands there; whether they are any good is not looked at. */
export function certificateBlocks(text: string): string[] {
  return text.match(block) ?? [];
}
