import { type Html, html } from "./html.ts";
import { paths } from "./page-path.ts";

/** What every page has around its own part. */
export type Page = {
  readonly title: string;
  /** The address of the registry, as in a reference. */
  readonly host: string;
  readonly user: string | undefined;
  /** Whether somebody could be somebody: then a page offers to log in. */
  readonly hasUsers: boolean;
  /** The way from the front page to this one; the last has no link. */
  readonly trail: readonly { readonly name: string; readonly path?: string }[];
  readonly main: Html;
};

/** A whole page around its own part. */
export function renderPage({ title, host, user, hasUsers, trail, main }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${title} · ${host}</title>
        <link rel="icon" href="${paths.icon}" type="image/svg+xml" />
        <link rel="stylesheet" href="${paths.style}" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="bar">
          <a class="brand" href="${paths.repositories}"
            ><img src="${paths.icon}" alt="" width="28" height="28" /><span>hive</span></a
          >
          <span class="host">${host}</span>
          ${user === undefined ? (hasUsers ? html`<a class="login" href="${paths.login}">Log in</a>` : undefined) : html`<span class="user">${user}</span>`}
        </header>
        ${trail.length === 0 ? undefined : renderTrail(trail)}
        <main id="main">${main}</main>
        <footer>
          This page only shows. To change something, push, or use <code>hive registry</code>.
        </footer>
      </body>
    </html> `;
}

function renderTrail(trail: Page["trail"]): Html {
  const items = trail.map(({ name, path }) =>
    path === undefined
      ? html`<li aria-current="page"><bdi>${name}</bdi></li>`
      : html`<li>
          <a href="${path}"><bdi>${name}</bdi></a>
        </li>`,
  );
  return html`<nav class="trail" aria-label="You are here">
    <ol>
      ${items}
    </ol>
  </nav>`;
}
