import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import type { Descriptor } from "../../../src/oci/descriptor.ts";
import { startBrowser, type TestBrowser } from "../support/browser.ts";
import { pushImage, pushIndex } from "../support/push-image.ts";
import { openTestServer, type TestServer } from "../support/test-server.ts";

const hostile = `</dd></section><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

let server: TestServer;
let browser: TestBrowser;
beforeAll(async () => {
  [server, browser] = await Promise.all([openTestServer({ readable: "team/" }), startBrowser()]);
  const children: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const child = await pushImage(server.store, {
      repository: "team/api",
      architecture,
      layers: ["base".repeat(5000), `app for ${architecture}`],
      config: {
        config: { Labels: { maintainer: hostile }, Env: [`EVIL=${hostile}`] },
        history: [{ created_by: "ADD base /" }, { created_by: `RUN ${hostile}` }],
      },
      manifest: { annotations: { title: hostile } },
    });
    children.push({ ...child, platform: { os: "linux", architecture } });
  }
  await pushIndex(server.store, "team/api", ["1.0", `a${"-long".repeat(25)}`], children);
  await pushImage(server.store, { repository: "secret/app", tags: ["1"] });
}, 60_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

type Visit = AsyncDisposable & {
  readonly page: Page;
  /** What the browser complained about: errors, broken rules of the page's policy. */
  readonly complaints: readonly string[];
  /** Where it sent requests to. */
  readonly hosts: ReadonlySet<string>;
};

async function visit(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.open(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()}`));
  context.on("request", (request) => hosts.add(new URL(request.url()).host));
  await page.goto(`http://${server.address}${path}`);
  return { page, complaints, hosts, [Symbol.asyncDispose]: () => context.close() };
}

const views: readonly (readonly [string, BrowserContextOptions])[] = [
  ["on a desk", { viewport: { width: 1280, height: 800 } }],
  ["on a phone at night", { viewport: { width: 360, height: 740 }, colorScheme: "dark" }],
];

test.each(views)("a reader gets from the front page to the layers, %s", async (_name, options) => {
  await using visited = await visit("/", options);
  const { page, complaints, hosts } = visited;
  const steps = ["team/api", "1.0", "linux/arm64"];
  for (const name of steps) {
    await expectToFit(page);
    // With its style: before that, everything is wider than the window.
    const loaded = page.waitForEvent("load");
    await page.getByRole("link", { name, exact: true }).first().click();
    await loaded;
  }
  await page.getByRole("heading", { name: /^Layers/ }).waitFor();
  await expectToFit(page);
  expect(await page.locator("ol.layers > li").count()).toBe(2);
  expect(await page.locator("ol.layers > li").first().innerText()).toContain("20.0 kB");
  expect(await page.locator("body").innerText()).toContain(hostile);
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.title()).not.toContain("owned");
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([server.address]);
});

test("a click on a pull command selects all of it", async () => {
  await using visited = await visit("/-/repositories/team/api/manifests/1.0");
  const { page } = visited;
  await page.getByText("docker pull").click();
  const selected = await page.evaluate<string>("getSelection().toString()");
  expect(selected).toBe(`docker pull ${server.address}/team/api:1.0`);
});

test("the keyboard reaches everything, and the structure says what is what", async () => {
  await using visited = await visit("/-/repositories/team/api", {
    viewport: { width: 360, height: 740 },
  });
  const { page } = visited;
  await page.keyboard.press("Tab");
  expect(await page.evaluate<string>("document.activeElement.textContent")).toBe("Skip to content");
  expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
  // Also where the table does not look like one.
  expect(await page.getByRole("columnheader").allInnerTexts()).toEqual([
    "Tag",
    "Platforms",
    "Digest",
    "Size",
    "Built",
  ]);
  expect(await page.getByRole("row").count()).toBe(3);
  await page.getByRole("searchbox", { name: "Find a tag" }).fill("1.");
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=1\./);
  expect(await page.getByRole("row").count()).toBe(2);
});

test("text has enough contrast, by day and by night", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await using visited = await visit("/-/repositories/team/api/manifests/1.0", { colorScheme });
    const ratios =
      await visited.page.evaluate<readonly (readonly [string, number])[]>(contrastOfTexts);
    expect(ratios.length).toBeGreaterThan(20);
    expect(ratios.filter(([, ratio]) => ratio < 4.5)).toEqual([]);
  }
});

test("who logs in sees more, and who is lost is told so", async () => {
  await using nobody = await visit("/");
  expect(await nobody.page.getByRole("link", { name: "secret/app" }).count()).toBe(0);
  const httpCredentials = { username: "user", password: "secret" };
  await using somebody = await visit("/login", { httpCredentials });
  expect(new URL(somebody.page.url()).pathname).toBe("/");
  expect(await somebody.page.getByRole("link", { name: "secret/app" }).count()).toBe(1);
  await using lost = await visit("/no/such/page");
  expect(await lost.page.getByRole("heading", { level: 1 }).innerText()).toBe("Nothing here");
});

/** Nothing is wider than the window. */
async function expectToFit(page: Page): Promise<void> {
  const [content, view] = await page.evaluate<readonly [number, number]>(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  expect(content).toBeLessThanOrEqual(view);
}

/** WCAG 2.2, 1.4.3: every element that has text of its own, with the contrast to what is behind it. Runs in the page. */
const contrastOfTexts = `(() => {
  const numbers = (color) => (color.match(/[0-9.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).slice(0, 3).map((value) => {
      const c = value / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e !== null; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.body.querySelectorAll("*")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ""))
    .map((e) => {
      const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
      return [e.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05)];
    });
})()`;
