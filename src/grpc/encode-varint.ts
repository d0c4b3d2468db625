/** A number below 2^32 as protobuf encodes it: seven bits an octet, the lowest first. */
export function encodeVarint(value: number): number[] {
  const octets: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    octets.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  octets.push(rest);
  return octets;
}
