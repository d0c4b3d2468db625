/** A text that nothing prints: JSON and inspection show `***`. For secrets that stand in files of the project. */
export class Hidden {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text. Not for messages, and not for anything that is kept. */
  reveal(): string {
    return this.#text;
  }

  toJSON(): string {
    return mask;
  }

  toString(): string {
    return mask;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask;
  }
}

const mask = "***";
