import { HiveError } from "../base/hive-error.ts";

/** Where ssh was to go. */
export type SshTarget = {
  /** As ssh takes it: `[user@]host`. */
  readonly destination: string;
  readonly port?: number | undefined;
  readonly remotePath: string;
};

type Explanation = { readonly reason: string; readonly hint: string };

/** What ssh's own words mean, the most telling first. */
const meanings: readonly (readonly [RegExp, (target: SshTarget) => Explanation])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    (target) => ({
      reason: "its key is not the one that is known here",
      hint: `Find out why before you go on: ${command(target)} tells which line of known_hosts it is.`,
    }),
  ],
  [
    /Host key verification failed/,
    (target) => ({
      reason: "its key is not known here",
      hint: `Have a look at it and accept it once: ${command(target)}`,
    }),
  ],
  [
    /Permission denied|Too many authentication failures|No more authentication methods/,
    (target) => ({
      reason: "it lets nobody in with the keys that ssh has",
      hint: `${command(target)} must work without a password: load a key with ssh-add, or name one in ~/.ssh/config.`,
    }),
  ],
  [
    /Could not resolve hostname/,
    () => ({
      reason: "there is no such host",
      hint: "Use a name that DNS knows, or that is in ~/.ssh/config.",
    }),
  ],
  [
    /Connection refused/,
    () => ({ reason: "nobody listens there", hint: "Does sshd run, and is the port right?" }),
  ],
  [
    /timed out|No route to host|Network is unreachable|not responding/,
    () => ({ reason: "it does not answer", hint: "Is it up, and is there a way to it from here?" }),
  ],
  [
    /open failed/,
    // sshd says the same of a socket that is not there, of one that it may not open, and when it may forward none.
    (target) => ({
      reason: `its ${target.remotePath} can't be opened`,
      hint: `Somebody must listen there, and your user may open it: ${command(target)} ls -l ${target.remotePath}
Its sshd must forward sockets: AllowStreamLocalForwarding yes.`,
    }),
  ],
];

/** What ssh's last words say of a connection that failed; undefined when they say nothing known. */
export function explainSsh(words: readonly string[], target: SshTarget): HiveError | undefined {
  const text = words.join("\n");
  const meaning = meanings.find(([pattern]) => pattern.test(text));
  if (meaning === undefined) return undefined;
  const { reason, hint } = meaning[1](target);
  return failure(reason, hint, words);
}

/** An ssh that is over, for whatever reason. */
export function sshEnded(words: readonly string[], target: SshTarget): HiveError {
  return (
    explainSsh(words, target) ??
    failure("the ssh connection ended", `See whether ssh gets there: ${command(target)}`, words)
  );
}

function failure(reason: string, hint: string, words: readonly string[]): HiveError {
  const last = words.at(-1);
  const said = last === undefined ? "" : ` (ssh says: ${last})`;
  return new HiveError("unreachable", `${reason}${said}`, { hint });
}

/** The same way, for people to try. */
function command({ destination, port }: SshTarget): string {
  return `ssh ${port === undefined ? "" : `-p ${port} `}${destination}`;
}
