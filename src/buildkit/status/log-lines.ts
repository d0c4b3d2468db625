// A "line" longer than this is cut, so that a step that prints no line ends takes no memory without end.
const longestLine = 64 * 1024;

/** Puts lines together from pieces that are cut anywhere, even within a character. */
export type LogLines = {
  /** Takes a piece and returns the lines that it completes. */
  push(bytes: Uint8Array): string[];
  /** The last line, if it had no end. */
  finish(): string[];
};

/**
 * Splits what a program prints into lines. `\r\n` ends a line as `\n` does;
 * of a line that a lone `\r` overwrites, as progress bars do, the last state counts.
 */
export function createLogLines(): LogLines {
  const decoder = new TextDecoder();
  let open = "";

  function take(text: string): string[] {
    open += text;
    const lines = open.split("\n");
    open = lines.pop() ?? "";
    // Progress bars print thousands of states before their line ends.
    const overwritten = open.lastIndexOf("\r", open.length - 2);
    if (overwritten !== -1) open = open.slice(overwritten + 1);
    if (open.length > longestLine) {
      lines.push(open);
      open = "";
    }
    return lines.map(lastState);
  }

  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true })),
    finish() {
      const lines = take(decoder.decode());
      const rest = lastState(open);
      open = "";
      return rest === "" ? lines : [...lines, rest];
    },
  };
}

function lastState(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1);
}
