// An incident that goes on: the page follows what changes, keeps its view, and asks again where the server had
// no room.

import type { BrowserContext, Page } from "@playwright/test";

import { open, petshop } from "../demonstration";
import { box, drawn, lane, query, shown, span } from "../lanes";
import { expect, test } from "../watched";

const lanes = ".lanes[data-incident]";
const HOUR = 3_600_000;
const START = Date.UTC(2020, 4, 22);

// The page asks for itself.
const ITSELF = /\/api\/timeline(\?|$)/;

// An incident of its own with a table of samples.
async function incident(page: Page): Promise<string> {
  await open(page, "/incidents/new");
  const form = page.locator("form", { has: page.locator("textarea[name=text]") });
  await form.locator("[name=title]").fill(`Goes on ${Date.now()}`);
  await form.locator("[name=start]").fill("2020-05-22 00:00");
  await form.locator("[name=end]").fill("2020-05-22 06:00");
  const rows = Array.from({ length: 300 }, (_, minute) => {
    const at = new Date(Date.UTC(2020, 4, 22, 0, minute)).toISOString();
    return `${at};${100 + (minute % 17)}`;
  });
  await form.locator("[name=text]").fill(["when;latency (ms)", ...rows, ""].join("\n"));
  await form.locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/(?!new)[^/]+$/);
  return new URL(page.url()).pathname;
}

const notes = (page: Page) => page.locator('[data-lane="notes"]');

async function write(page: Page, text: string): Promise<void> {
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=start]").fill("2020-05-22 01:30");
  await form.locator("[name=text]").fill(text);
  await form.getByTestId("annotation-save").click();
  await expect(page.getByTestId("annotation").filter({ hasText: text })).toHaveCount(1);
}

// Somebody else writes a note, or removes the only one.
async function other(context: BrowserContext, path: string, does: "writes" | "removes"): Promise<void> {
  const page = await context.newPage();
  await open(page, path);
  if (does === "writes") {
    await write(page, "seen by somebody else");
  } else {
    await page.getByTestId("annotation-delete").click();
    await expect(page.getByTestId("annotation")).toHaveCount(0);
  }
  await page.close();
}

// An hour of it, so that the whole has to be asked for.
const anHour = (path: string): string => `${path}?from=${START + HOUR}&to=${START + 2 * HOUR}`;

test("evidence and notes that others add come by themselves; view, words and focus stay", async ({ page, context }) => {
  const path = await incident(page);
  const from = Date.UTC(2020, 4, 22, 1, 0);
  const to = Date.UTC(2020, 4, 22, 3, 0);
  await open(page, `${path}?from=${from}&to=${to}`);
  await drawn(page);
  const text = (await shown(page).textContent()) ?? "";
  const before = await page.getByTestId("lane").count();
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=text]").pressSequentially("half a sentence");
  const scrolled = await page.evaluate(() => window.scrollY);

  // Somebody else adds a file.
  const other = await context.newPage();
  await other.goto(path);
  await other.getByTestId("files-add").click();
  const more = other.getByTestId("files").locator("form", { has: other.locator("textarea[name=text]") });
  await more.locator("[name=text]").fill("when;errors (count)\n2020-05-22T01:10:00Z;3\n2020-05-22T01:11:00Z;900\n2020-05-22T02:00:00Z;4\n");
  await other.getByTestId("files-submit").click();
  await expect(other.getByTestId("file")).toHaveCount(2);
  await other.close();

  await expect.poll(() => page.getByTestId("lane").count()).toBe(before + 1);
  await expect(shown(page)).toHaveText(text);
  expect(Number(query(page).get("from"))).toBe(from);
  await expect(form.locator("[name=text]")).toHaveValue("half a sentence");
  await expect(form.locator("[name=text]")).toBeFocused();
  expect(Math.abs((await page.evaluate(() => window.scrollY)) - scrolled)).toBeLessThan(400);
  await expect(page.locator(lanes)).not.toHaveAttribute("aria-busy", "true");
});

test("a server without room is asked again when it says, and the page says so", async ({ page, watch }) => {
  const path = await petshop(page);
  let asked = 0;
  await page.route("**/api/incidents/*/live", async (route) => {
    asked += 1;
    // The line, and the question why it was refused.
    if (asked <= 2) {
      watch.expectRefusal(route.request().url());
      await route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "" });
      return;
    }
    await route.continue();
  });
  await open(page, path);
  const said = page.getByTestId("line-said");
  await expect(said).toContainText("asks again in 1 s");
  await expect(said).toHaveText("", { timeout: 15_000 });
  expect(asked).toBeGreaterThanOrEqual(3);
});

test("a lane in focus keeps it when the page is made again", async ({ page, context }) => {
  const path = await incident(page);
  await open(page, path);
  await drawn(page);
  const pictures = page.locator('article[data-lane^="series-"] .pictures');
  await pictures.focus();
  await other(context, path, "writes");
  await expect(notes(page)).toHaveCount(1);
  await expect(pictures).toBeFocused();
  // It is alive.
  await expect(pictures).toHaveAttribute("data-drawn", "");
  await page.keyboard.press("+");
  await expect.poll(() => span(page)).toBeLessThan(6 * HOUR);
});

test("a lane that others take away goes before the page is made again, and is not asked for", async ({ page, context }) => {
  const path = await incident(page);
  await write(page, "the only one");
  await open(page, anHour(path));
  await drawn(page);
  await expect(notes(page).locator(".pictures")).toHaveAttribute("data-drawn", "");
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const asked = page.waitForRequest(ITSELF);
  await page.route(ITSELF, async (route) => {
    await held;
    await route.continue();
  });
  await other(context, path, "removes");
  await asked;
  await lane(page).locator(".pictures").focus();
  await page.keyboard.press("0");
  await expect(notes(page)).toBeHidden();
  await expect(page.locator(lanes)).not.toHaveAttribute("aria-busy", "true");
  await expect(page.locator(".lanes-notice .notice")).toHaveCount(0);
  release();
  await expect(notes(page)).toHaveCount(0);
});

test("a lane that an address names and others take away goes", async ({ page, context }) => {
  const path = await incident(page);
  await write(page, "the only one");
  await open(page, path);
  const ids = await page.getByTestId("lane").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset["lane"] ?? ""));
  expect(ids).toContain("notes");
  await open(page, `${path}?lanes=${ids.reverse().join(",")}`);
  await drawn(page);
  const made = page.waitForResponse(ITSELF);
  await other(context, path, "removes");
  await made;
  await expect(page.getByTestId("timeline-said")).toHaveText("There is no lane notes.");
  await expect(notes(page)).toBeHidden();
  await expect(page.locator(".lanes-notice .notice")).toHaveCount(0);
  await expect(lane(page).locator(".pictures")).toHaveAttribute("data-drawn", "");
});

test("a page that has not heard goes on without a lane that was refused", async ({ page, context, watch }) => {
  const path = await incident(page);
  await write(page, "the only one");
  // The line says nothing, and is not opened again.
  await page.route("**/api/incidents/*/live", (route) =>
    route.fulfill({ contentType: "text/event-stream", body: "retry: 600000\n\n" }),
  );
  await open(page, anHour(path));
  await drawn(page);
  await other(context, path, "removes");
  page.on("request", (request) => {
    if (/\/lanes\?.*notes/.test(request.url())) {
      watch.expectRefusal(request.url());
    }
  });
  const answered = page.waitForResponse((answer) => /\/lanes\?/.test(answer.url()) && answer.ok());
  await lane(page).locator(".pictures").focus();
  await page.keyboard.press("0");
  await answered;
  await expect(notes(page)).toBeHidden();
  await expect(page.locator(lanes)).not.toHaveAttribute("aria-busy", "true");
  await expect(page.locator(".lanes-notice .notice")).toHaveCount(0);
});

for (const gesture of ["selection", "pan", "threshold"] as const) {
  test(`a ${gesture} under the hand goes on while others change the incident`, async ({ page, context }) => {
    const path = await incident(page);
    await open(page, gesture === "pan" ? anHour(path) : path);
    await drawn(page);
    const pictures = page.locator('article[data-lane^="series-"] .pictures');
    const held = await pictures.elementHandle();
    const { x, y, width, height } = await box(page);
    const at = (across: number, down: number) => ({ x: x + across * width, y: y + down * height });
    const grip = await lane(page).getByRole("slider").boundingBox();
    const from = gesture === "threshold" && grip !== null ? { x: grip.x + grip.width / 2, y: grip.y + grip.height / 2 } : at(0.3, 0.5);
    const way = (part: number) => (gesture === "threshold" ? { x: from.x, y: from.y + part * 0.3 * height } : at(0.3 + part * 0.3, 0.5));
    if (gesture === "pan") {
      await page.keyboard.down("Shift");
    }
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(way(0.5).x, way(0.5).y, { steps: 4 });

    const again = page.waitForResponse(ITSELF);
    await other(context, path, "writes");
    await (await again).finished();
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    expect(await held?.evaluate((element) => element.isConnected)).toBe(true);
    await expect(notes(page)).toHaveCount(0);

    await page.mouse.move(way(1).x, way(1).y, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await expect(notes(page)).toHaveCount(1);
    if (gesture === "selection") {
      const part = (await span(page)) / (6 * HOUR);
      expect(part).toBeGreaterThan(0.25);
      expect(part).toBeLessThan(0.4);
    } else if (gesture === "pan") {
      const moved = (START + HOUR - Number(query(page).get("from"))) / HOUR;
      expect(moved).toBeGreaterThan(0.25);
      expect(moved).toBeLessThan(0.4);
    } else {
      await expect(page.getByTestId("alarm")).toContainText(/Above|Below/);
      expect(query(page).has("alarm")).toBe(true);
    }
  });
}
