import { type Html, html } from "./html.ts";

/** A field that finds `what` in the list at `path`, without a script. */
export function renderSearch(path: string, search: string, what: string): Html {
  return html`<form class="search" action="${path}" role="search">
    <label
      ><span class="hidden">Find ${what}</span
      ><input
        type="search"
        name="q"
        value="${search}"
        placeholder="Find ${what}"
        autocomplete="off"
        spellcheck="false"
        maxlength="255"
    /></label>
    <button>Find</button>
  </form>`;
}
