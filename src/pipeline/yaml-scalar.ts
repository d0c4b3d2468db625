/**
 * Text as a YAML scalar on one line, which readers of YAML 1.1 and 1.2 take for exactly this text: plain where that is
 * beyond doubt, else in double quotes as JSON has them.
 */
export function yamlScalar(text: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*(?: [A-Za-z_][\w./-]*)*$/.test(text);
  // Some take an exponent alone for a number.
  const meansMore = /^(?:y|n|yes|no|on|off|true|false|null|e-?\d+)$/i.test(text);
  if (isPlain && !meansMore) return text;
  // JSON leaves some characters as they are that YAML does not allow, or takes for line breaks.
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
