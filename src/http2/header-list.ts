/** Header fields as they stand on the wire: lower-case names in order, repeated names kept apart, one character an octet. */
export type HeaderList = readonly (readonly [name: string, value: string])[];
