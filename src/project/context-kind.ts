/**
 * What the value of a named context stands for, by how it begins: an image from elsewhere (`docker-image://REF`), one of the
 * project (`__hive__/name:tag`), something at a URL, or a directory. Undefined for what can be none of these.
 */
export function contextKind(
  value: string,
): "image" | "own image" | "url" | "directory" | undefined {
  if (value.startsWith("__hive__/")) return "own image";
  if (/^docker-image:\/\/./.test(value)) return "image";
  if (/^(?:https?|git|ssh):\/\/.|^git@[^:]+:./.test(value)) return "url";
  const isOther = value === "" || /^[a-z][a-z0-9+-]*:\/\//i.test(value);
  return isOther ? undefined : "directory";
}
