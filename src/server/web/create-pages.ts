import { Semaphore } from "../../base/semaphore.ts";
import {
  type Access,
  type Authenticate,
  fullAccess,
  requireAccess,
  unauthorized,
} from "../../registry/access/access.ts";
import { identify } from "../../registry/access/identify.ts";
import type { HttpServer } from "../../registry/create-registry.ts";
import { methodNotAllowed } from "../../registry/endpoints/method-not-allowed.ts";
import { type RegistryError, toRegistryError } from "../../registry/registry-error.ts";
import { notesOf } from "../../registry/request-notes.ts";
import { queryOf, rawPath } from "../../registry/route.ts";
import { createContentReader, type PageStore } from "./content-reader.ts";
import { displayHost } from "./display-host.ts";
import { errorHeading, errorPage } from "./error-page.ts";
import type { Html } from "./html.ts";
import { icon } from "./icon.ts";
import { manifestPage } from "./manifest-page.ts";
import type { PageContext } from "./page-context.ts";
import { type PageRoute, parsePagePath, paths } from "./page-path.ts";
import { assetResponse, pageResponse } from "./page-response.ts";
import { type Page, renderPage } from "./page.ts";
import { repositoriesPage } from "./repositories-page.ts";
import { repositoryPage } from "./repository-page.ts";
import { style } from "./style.ts";

type PagesOptions = {
  /** Need not be the one that pushes go to: to look at content is no reason to keep it. */
  readonly store: PageStore;
  /** `registry.acme.test:5000`: shown where the browser's own word for it is none. */
  readonly address: () => string;
  /** Whether clients reach the registry by HTTPS. Default: false. */
  readonly secure?: boolean;
  /** Default: everybody may see everything. */
  readonly authenticate?: Authenticate;
  /** Takes our own faults. */
  readonly onError?: (error: Error) => void;
};

/** A page is many reads of files: however many are asked for, pulls and pushes get their turn. */
const pagesAtOnce = 2;

type PageParts = Pick<Page, "title" | "trail" | "main">;

/** Read-only pages for people: which repositories there are, their tags, and what images consist of. */
export function createPages(
  options: PagesOptions,
): (request: Request, server?: HttpServer) => Promise<Response> {
  const { store, address, secure = false, authenticate, onError } = options;
  const permits = new Semaphore(pagesAtOnce);
  return async (request, server) => {
    const host = displayHost(request.headers.get("host"), address());
    let access: Access = fullAccess;
    const respond = (parts: PageParts, error?: RegistryError): Response => {
      const { user, challenge } = access;
      const page = renderPage({ ...parts, host, user, hasUsers: challenge !== undefined });
      return pageResponse(page, request.method, error);
    };
    try {
      const { method } = request;
      if (method !== "GET" && method !== "HEAD") throw methodNotAllowed("GET, HEAD");
      const route = parsePagePath(rawPath(request.url));
      // These say nothing of what is stored, and the page that asks to log in needs them.
      if (route.kind === "style") return assetResponse(style, "text/css; charset=utf-8", request);
      if (route.kind === "icon") return assetResponse(icon, "image/svg+xml", request);
      access = await identify(request, server, authenticate);
      requirePageAccess(access, store, route);
      if (route.kind === "login") {
        return new Response(null, { status: 303, headers: { Location: paths.repositories } });
      }
      const query = queryOf(request.url);
      using _permit = await permits.acquire(request.signal);
      const reader = createContentReader(store);
      const context: PageContext = { reader, access, host, secure, query, now: Date.now() };
      return respond({ ...titleOf(route), main: await mainOf(context, route) });
    } catch (error) {
      const told = toRegistryError(error, request.signal.aborted ? undefined : onError);
      const notes = notesOf(request);
      if (notes !== undefined) notes.errorCode = told.code;
      return respond({ title: errorHeading(told.status), trail: [], main: errorPage(told) }, told);
    }
  };
}

type ContentRoute = Extract<PageRoute, { kind: "repositories" | "repository" | "manifest" }>;

async function mainOf(context: PageContext, route: ContentRoute): Promise<Html> {
  switch (route.kind) {
    case "repositories":
      return await repositoriesPage(context);
    case "repository":
      return await repositoryPage(context, route.repository);
    case "manifest":
      return await manifestPage(context, route.repository, route.reference);
  }
}

function titleOf(route: ContentRoute): Pick<Page, "title" | "trail"> {
  const home = { name: "Repositories", path: paths.repositories };
  switch (route.kind) {
    case "repositories":
      return { title: "Repositories", trail: [] };
    case "repository":
      return { title: route.repository, trail: [home, { name: route.repository }] };
    case "manifest": {
      const { repository, reference } = route;
      const name = "tag" in reference ? reference.tag : reference.digest.slice(0, 19);
      const parent = { name: repository, path: paths.repository(repository) };
      return { title: `${repository}:${name}`, trail: [home, parent, { name }] };
    }
  }
}

/** The same gate as the registry's; a browser asks for a password when there is a challenge. */
function requirePageAccess(access: Access, store: PageStore, route: PageRoute): void {
  switch (route.kind) {
    case "login":
      return requireAccess(access, "GET", { kind: "base" });
    case "repositories": {
      if (access.user !== undefined || access.challenge === undefined) return;
      const readable = store.metadata.repositories().some((name) => access.may("read", name));
      if (!readable) throw unauthorized(access.challenge);
      return;
    }
    case "repository":
      return requireAccess(access, "GET", { kind: "tags", repository: route.repository });
    case "manifest":
      return requireAccess(access, "GET", route);
    case "style":
    case "icon":
  }
}
