import type { RegistryError } from "../../registry/registry-error.ts";
import { type Html, html } from "./html.ts";
import { paths } from "./page-path.ts";

const headings: ReadonlyMap<number, string> = new Map([
  [400, "That address is not right"],
  [401, "Please log in"],
  [403, "Not for you"],
  [404, "Nothing here"],
  [405, "This page only shows"],
  [421, "Not known under this name"],
  [429, "Too many attempts"],
]);

/** What an HTTP status is to people. */
export function errorHeading(status: number): string {
  return headings.get(status) ?? "Something went wrong";
}

/** The part of a page that says what went wrong, and leads back. */
export function errorPage({ status, message }: RegistryError): Html {
  return html`<section class="error">
    <p class="status">${status}</p>
    <h1>${errorHeading(status)}</h1>
    <p><bdi>${message}</bdi></p>
    <p><a href="${paths.repositories}">All repositories</a></p>
  </section>`;
}
