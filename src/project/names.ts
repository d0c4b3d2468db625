/**
 * Whether `name` can be a repository name, as `team/python`.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests}
 */
export function isRepositoryName(name: string): boolean {
  return name.length <= 255 && repositoryName.test(name);
}

/** Whether `tag` can be a tag: letters, digits, `_`, `.`, `-`, at most 128, not beginning with `.` or `-`. */
export function isTag(tag: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(tag);
}

/** Whether `name` can be a variant's name: one directory, neither hidden nor `..`. */
export function isVariantName(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*$/.test(name);
}

const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const repositoryName = new RegExp(`^${component}(?:/${component})*$`);
