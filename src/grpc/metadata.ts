/**
 * gRPC metadata as it stands on the wire: lower-case names in order, repeated names kept apart.
 * Fetch's `Headers` joins repeated values with a comma, which BuildKit's session headers do not survive.
 */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Every value of `name`, in order. */
export function metadataValues(metadata: Metadata, name: string): string[] {
  return metadata.filter(([key]) => key === name).map(([, value]) => value);
}
