import { writeSync } from "node:fs";

/**
 * Writes all of `bytes` to the open file `file`, at `position` or, without one, where it stands. One call of the system
 * may take a part only, as on a disk that is almost full; the next one then says why.
 * @throws the system's error
 */
export function writeAll(file: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.byteLength;) {
    const at = position === undefined ? null : position + done;
    done += writeSync(file, bytes, done, bytes.byteLength - done, at);
  }
}
