import type { Budget } from "../budget.ts";
import { wordSet } from "./char-set.ts";
import type { Regexp } from "./compile-regexp.ts";
import type { Assertion } from "./parse-regexp.ts";

/** Where a match and its groups begin and end; -1 for groups that took no part. */
export type Match = readonly number[];

type Thread = { readonly at: number; readonly slots: readonly number[] };

/** A way through a text. Instructions that were reached in a turn are not followed again in it. */
type Walk = {
  readonly program: Regexp["program"];
  readonly text: string;
  /** Of each instruction the turn in which it was reached last. */
  readonly reached: Int32Array;
  turn: number;
  at: number;
};

/**
 * The leftmost match at or behind `from`, the one that Perl would find. All ways through the pattern are followed at
 * once, so the time grows with the text's length times the pattern's: no pattern can make it explode.
 * @throws LimitError
 */
export function matchRegexp(
  regexp: Regexp,
  text: string,
  from: number,
  budget: Budget,
): Match | undefined {
  const { program, start, slots } = regexp;
  const empty: readonly number[] = Array.from({ length: slots }, () => -1);
  budget.spend(Math.floor(program.length / 64));
  const reached = new Int32Array(program.length).fill(-1);
  const walk: Walk = { program, text, reached, turn: 0, at: from };
  let threads: Thread[] = [];
  let found: Match | undefined;
  while (walk.at <= text.length) {
    const code = text.codePointAt(walk.at) ?? -1;
    // A match that begins here is worse than all that began before.
    if (found === undefined) follow(walk, { at: start, slots: empty }, threads);
    budget.spend(Math.ceil((threads.length + 1) / 16));
    if (threads.length === 0 && found !== undefined) return found;
    const next: Thread[] = [];
    walk.turn += 1;
    walk.at += code > 0xffff ? 2 : 1;
    for (const thread of threads) {
      const instruction = program[thread.at];
      if (instruction?.type === "match") {
        found = thread.slots;
        // What stands behind would be chosen only without this one.
        break;
      }
      if (instruction?.type === "set" && code !== -1 && instruction.set(code)) {
        follow(walk, { at: instruction.next, slots: thread.slots }, next);
      }
    }
    threads = next;
  }
  return found;
}

// Follows what takes no character; `into` gets the instructions that do, in the order of preference.
function follow({ program, text, reached, turn, at }: Walk, first: Thread, into: Thread[]): void {
  const stack: Thread[] = [first];
  for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
    if (reached[thread.at] === turn) continue;
    reached[thread.at] = turn;
    const instruction = program[thread.at];
    switch (instruction?.type) {
      case "split":
        stack.push({ at: instruction.other, slots: thread.slots });
        stack.push({ at: instruction.next, slots: thread.slots });
        break;
      case "save":
        stack.push({ at: instruction.next, slots: thread.slots.with(instruction.slot, at) });
        break;
      case "assertion":
        if (holds(instruction.assertion, text, at))
          stack.push({ at: instruction.next, slots: thread.slots });
        break;
      case "set":
      case "match":
      case undefined:
        into.push(thread);
    }
  }
}

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && wordSet(text.charCodeAt(at));
}

function holds(assertion: Assertion, text: string, at: number): boolean {
  switch (assertion) {
    case "textStart":
      return at === 0;
    case "textEnd":
      return at === text.length;
    case "lineStart":
      return at === 0 || text[at - 1] === "\n";
    case "lineEnd":
      return at === text.length || text[at] === "\n";
    case "word":
      return isWord(text, at - 1) !== isWord(text, at);
    case "noWord":
      return isWord(text, at - 1) === isWord(text, at);
  }
}

/** Up to `count` matches that do not overlap; all when it is negative. Empty ones right behind another do not count. */
export function matchAll(regexp: Regexp, text: string, count: number, budget: Budget): Match[] {
  const matches: Match[] = [];
  const most = count < 0 ? Infinity : count;
  let end = -1;
  for (let at = 0; at <= text.length && matches.length < most;) {
    const match = matchRegexp(regexp, text, at, budget);
    if (match === undefined) break;
    const [start = 0, stop = 0] = match;
    const isEmpty = start === stop;
    if (!isEmpty || start !== end) matches.push(match);
    end = stop;
    at = isEmpty ? stop + ((text.codePointAt(stop) ?? 0) > 0xffff ? 2 : 1) : stop;
  }
  return matches;
}
