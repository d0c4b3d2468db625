let restore: (() => void) | undefined;

/** A live view registers how to give the terminal back; `undefined` when it has done so itself. */
export function onTerminalRestore(callback: (() => void) | undefined): void {
  restore = callback;
}

/** Gives the terminal back before an exit that nothing else will notice. */
export function restoreTerminal(): void {
  restore?.();
  restore = undefined;
}
