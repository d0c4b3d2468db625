import { runesOf } from "../go-text.ts";

// Go changes one character into one character; JavaScript makes "SS" of a sharp s.

function mapLetters(text: string, change: (char: string) => string): string {
  const changed = change(text);
  if (/^[\0-\x7f]*$/.test(text)) return changed;
  return runesOf(text)
    .map((char) => oneLetter(char, change))
    .join("");
}

function oneLetter(char: string, change: (char: string) => string): string {
  const changed = change(char);
  return runesOf(changed).length === 1 ? changed : char;
}

const toUpper = (char: string): string => char.toUpperCase();
const toLower = (char: string): string => char.toLowerCase();

/** strings.ToUpper. */
export function upper(text: string): string {
  return mapLetters(text, toUpper);
}

/** strings.ToLower. */
export function lower(text: string): string {
  return mapLetters(text, toLower);
}

/** Letters behind anything but a letter, digit or "_" become upper case. */
export function title(text: string): string {
  let previous = " ";
  let result = "";
  for (const char of text) {
    result += isSeparator(previous) ? oneLetter(char, toUpper) : char;
    previous = char;
  }
  return result;
}

function isSeparator(char: string): boolean {
  if (/^[\0-\x7f]$/.test(char)) return !/^[A-Za-z0-9_]$/.test(char);
  return !/^[\p{L}\p{Nd}]$/u.test(char) && /^\s$/u.test(char);
}

/** Upper case becomes lower case; lower case becomes upper case. */
export function swapCase(text: string): string {
  return runesOf(text)
    .map((char) => {
      if (/^\p{Lu}$|^\p{Lt}$/u.test(char)) return oneLetter(char, toLower);
      return /^\p{Ll}$/u.test(char) ? oneLetter(char, toUpper) : char;
    })
    .join("");
}
