import { type Html, html } from "./html.ts";
import type { PullCommand } from "./pull-commands.ts";

/** Commands to copy: a click on one selects all of it. */
export function renderCommands(heading: string, commands: readonly PullCommand[]): Html {
  const rows = commands.map(
    ({ tool, command }) =>
      html`<div>
        <dt>${tool}</dt>
        <dd><code class="command" tabindex="0" title="Click to select">${command}</code></dd>
      </div>`,
  );
  return html`<section>
    <h2>${heading}</h2>
    <dl class="commands">${rows}</dl>
  </section>`;
}
