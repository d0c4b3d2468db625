/**
 * gRPC metadata as it stands on the wire: lower-case names in order, repeated names kept apart.
 * Fetch's `Headers` joins repeated values with a comma, which BuildKit's session headers do not survive.
 */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** Every value of `name`, in order. */
export function metadataValues(metadata: Metadata, name: string): string[] {
  return metadata.filter(([key]) => key === name).map(([, value]) => value);
}

/** The first value of a `-bin` field, decoded; undefined without one. Padding is optional. */
export function binaryMetadataValue(
  metadata: Metadata,
  name: `${string}-bin`,
): Uint8Array | undefined {
  const value = metadataValues(metadata, name)[0];
  return value === undefined ? undefined : Buffer.from(value.split(",", 1)[0] ?? "", "base64");
}
