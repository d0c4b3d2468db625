/** What an entry costs besides name and value (RFC 7541, section 4.1). */
export const entryOverhead = 32;

type Field = readonly [name: string, value: string];

/** The entries that a peer has added, newest first, within a size in octets (RFC 7541, section 4). */
export class DynamicTable {
  /** Oldest first, from `#start` on: adding and evicting both happen at a cheap end. */
  #entries: Field[] = [];
  #start = 0;
  #size = 0;
  #maxSize: number;

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** The entry that `age` others are newer than, or undefined. */
  get(age: number): Field | undefined {
    const position = this.#entries.length - 1 - age;
    return position < this.#start ? undefined : this.#entries[position];
  }

  /** An entry larger than the table empties it, which is no error. */
  add(field: Field): void {
    const size = sizeOf(field);
    this.#evict(this.#maxSize - size);
    if (size > this.#maxSize) return;
    this.#entries.push(field);
    this.#size += size;
  }

  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.#evict(maxSize);
  }

  #evict(target: number): void {
    while (this.#size > target) {
      const oldest = this.#entries[this.#start];
      if (oldest === undefined) break;
      this.#start++;
      this.#size -= sizeOf(oldest);
    }
    if (this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
  }
}

function sizeOf(field: Field): number {
  return field[0].length + field[1].length + entryOverhead;
}
