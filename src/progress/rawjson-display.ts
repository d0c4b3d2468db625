import type { Output, Renderer } from "./display.ts";

// Controls that JSON lets stand as they are, C1 and DEL: a terminal may take them for commands.
const controls = /[\x7f-\x9f\u2028\u2029]/g;

/** NDJSON: each event as one line, `{"v":1,"time":…,"type":…}`. `v` changes when a field changes its meaning. */
export function createRawJsonDisplay(output: Output): Renderer {
  return {
    onEvent(event) {
      const json = JSON.stringify({ v: 1, ...event }).replace(controls, escapeCharacter);
      output.write(`${json}\n`);
    },
    close() {},
  };
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
