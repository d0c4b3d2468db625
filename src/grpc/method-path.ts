import type { DescMethod } from "@bufbuild/protobuf";

/** `/package.Service/Method`, which is the `:path` of a call. */
export function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
