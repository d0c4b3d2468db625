/** Whether a pattern may match more than one name. */
export function isGlob(pattern: string): boolean {
  return /[*?[{]/.test(pattern);
}

/**
 * A matcher for a whole name: `*` is anything within one part between slashes, `**` anything, `?` one character,
 * `[a-c]` or `[!a-c]` one of a set, `{a,b}` one of a list. Everything else stands for itself.
 */
export function globPattern(glob: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] ?? "";
    const set = char === "[" ? /^\[(!?)([^\]]+)\]/.exec(glob.slice(at)) : null;
    if (set !== null) {
      const members = (set[2] ?? "").replaceAll(/[\\^[\]]/g, String.raw`\$&`);
      source += `[${set[1] === "!" ? "^" : ""}${members}]`;
      at += set[0].length - 1;
    } else if (glob.startsWith("**", at)) {
      source += ".*";
      while (glob[at + 1] === "*") at += 1;
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "{" && glob.indexOf("}", at) !== -1) {
      source += "(?:";
      depth += 1;
    } else if (char === "}" && depth > 0) {
      source += ")";
      depth -= 1;
    } else if (char === "," && depth > 0) source += "|";
    else source += RegExp.escape(char);
  }
  try {
    return new RegExp(`^${source}${")".repeat(depth)}$`, "s");
  } catch {
    // A set like [z-a] is none: it stands for itself, and so matches no name.
    return new RegExp(`^${RegExp.escape(glob)}$`);
  }
}
