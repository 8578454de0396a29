// What the timeline says while its parts come, when they come in part, and when they do not.

import type { Page, Request } from "@playwright/test";

import { open, petshop, story } from "../demonstration";
import { drawn, lane, query, shown, timeline } from "../lanes";
import { expect, test, type Watch } from "../watched";

const LANES = /\/api\/incidents\/[0-9a-f]+\/lanes\?/;
const EVENTS = /\/api\/incidents\/[0-9a-f]+\/events\?/;

// Holds back what is asked for at such addresses, until it is let go of.
async function heldBack(page: Page, url: RegExp): Promise<() => void> {
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await gate;
    await route.continue();
  });
  return release;
}

// Answers such requests with a fault, until it is told not to.
async function failing(page: Page, watch: Watch, url: RegExp, method = "GET"): Promise<() => Promise<void>> {
  await page.route(url, async (route) => {
    if (route.request().method() !== method) {
      return route.continue();
    }
    watch.expectRefusal(route.request().url());
    await route.fulfill({ status: 500, contentType: "text/plain", body: "broken" });
  });
  return () => page.unroute(url);
}

const preset = (page: Page, name: string) => page.locator(".preset", { hasText: name });
const fetching = (page: Page) => page.getByTestId("fetching");

test("while nothing has come yet, no lane passes for the span that is looked at", async ({ page }) => {
  const path = await story(page);
  const release = await heldBack(page, LANES);
  await open(page, path);
  await preset(page, "Impact").click();
  await expect(fetching(page)).toHaveText(/^Fetching \d+ lanes…$/);
  await expect(lane(page).locator(".pictures")).toHaveAttribute("data-instead", "before");
  release();
  await drawn(page);
  await expect(page.locator("[data-instead]")).toHaveCount(0);
  await expect(fetching(page)).toHaveText("");
});

test("what is known is drawn in the new span at once, and marked as coarse until the rest has come", async ({ page }) => {
  await timeline(page);
  const release = await heldBack(page, LANES);
  const picture = await lane(page).locator(".lane-canvas").screenshot();
  await preset(page, "Impact").click();
  await expect(fetching(page)).toHaveText(/^Fetching \d+ lanes?…$/);
  await expect(page.locator('[data-instead="coarse"]').first()).toBeVisible();
  expect(await lane(page).locator(".lane-canvas").screenshot()).not.toEqual(picture);
  release();
  await expect(page.locator("[data-instead]")).toHaveCount(0);
  await expect(fetching(page)).toHaveText("");
});

test("lanes that do not come are said, marked, and tried again", async ({ page, watch }) => {
  await timeline(page);
  const mend = await failing(page, watch, LANES);
  await preset(page, "Impact").click();
  const notice = page.locator(".lanes-notice");
  await expect(notice).toContainText("The lanes of this view did not come: The server answers 500.");
  await expect(page.locator("[data-instead]").first()).toBeVisible();
  await mend();
  await notice.getByRole("button", { name: "Try again" }).press("Enter");
  await expect(notice).toHaveText("");
  await expect(page.locator("[data-instead]")).toHaveCount(0);
});

test("a lane that is missing from an answer is named, and the others are drawn", async ({ page }) => {
  const path = await story(page);
  const first = (request: Request) => /[?&]lanes=([^,&]+),/.exec(request.url())?.[1];
  let missing = "";
  await page.route(LANES, async (route) => {
    missing ||= first(route.request()) ?? "";
    // It is asked for once more, alone: then too another one comes.
    const without = (_: string, end: string): string => (end === "," ? "lanes=" : `lanes=notes${end}`);
    const asked = new RegExp(`\\blanes=${missing}(,|&|$)`);
    await route.continue({ url: route.request().url().replace(asked, without) });
  });
  await open(page, path);
  await expect(page.locator(".lanes-notice")).toContainText(/did not come: There is nothing of /);
  await expect(page.locator(".lanes-notice")).toContainText(missing);
  await expect(page.locator(".lane .pictures[data-drawn]").first()).toBeVisible();
  await expect(page.locator(`[data-lane="${missing}"] .picture`).first()).toBeVisible();
});

test("events that do not come are tried again", async ({ page, watch }) => {
  await timeline(page);
  const mend = await failing(page, watch, EVENTS);
  await page.getByLabel("Words").fill("rollout");
  const count = page.getByTestId("events-count");
  await expect(count).toContainText("The events did not come: The server answers 500.");
  await mend();
  await count.getByRole("button", { name: "Try again" }).press("Enter");
  await expect(count).toHaveText(/^\d+ events are in this window/);
  expect(query(page).get("text")).toBe("rollout");
});

test("a decision that fails leaves the timeline and the reason as they are, and is tried again", async ({ page, watch }) => {
  await open(page, await petshop(page));
  await drawn(page);
  const address = page.url();
  const span = await shown(page).textContent();
  const mend = await failing(page, watch, /\/api\/(judge|take_back)$/, "POST");
  const suspect = page.getByTestId("suspect").first();

  await suspect.getByTestId("pin").click();
  await expect(suspect.getByTestId("form-failed")).toContainText("The server answers 500. Nothing here is lost.");
  await suspect.getByTestId("dismiss-open").press("Enter");
  await suspect.getByLabel("Why it is not the cause").fill("It was rolled back before");
  await suspect.getByTestId("dismiss").press("Enter");
  await expect(suspect.locator(".dismiss").getByTestId("form-failed")).toBeVisible();
  await expect(suspect.getByLabel("Why it is not the cause")).toHaveValue("It was rolled back before");
  expect(page.url()).toBe(address);
  await expect(shown(page)).toHaveText(span ?? "");

  await mend();
  await suspect.locator(".dismiss").getByRole("button", { name: "Try again" }).press("Enter");
  await expect(suspect.getByTestId("ruling")).toContainText("It was rolled back before");

  const mendAgain = await failing(page, watch, /\/api\/take_back$/, "POST");
  await suspect.getByTestId("take-back").click();
  await expect(suspect.getByTestId("form-failed")).toBeVisible();
  await mendAgain();
  await suspect.getByTestId("form-failed").getByRole("button", { name: "Try again" }).click();
  await expect(suspect.getByTestId("ruling")).toHaveCount(0);
  expect(page.url()).toBe(address);
});

test("a note whose answer cannot be read is still in its form", async ({ page }) => {
  await timeline(page);
  await page.route(/\/api\/save_annotation/, (route) => route.fulfill({ status: 200, contentType: "application/json", body: "<html>" }));
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=start]").fill("2020-05-22 07:15");
  await form.locator("[name=text]").fill("Do not lose me");
  await form.getByTestId("annotation-save").click();
  await expect(form.locator(".fault")).toContainText("Nothing is lost: what you have written is still here. Try again");
  await expect(form.locator("[name=text]")).toHaveValue("Do not lose me");
});

test("lanes are drawn again when the page is looked at again", async ({ page }) => {
  await page.addInitScript(() => {
    const proto = OffscreenCanvasRenderingContext2D.prototype;
    const clear = proto.clearRect;
    const drawings = new Set<OffscreenCanvas>();
    Object.assign(window, { drawings });
    proto.clearRect = function (this: OffscreenCanvasRenderingContext2D, ...box: [number, number, number, number]): void {
      drawings.add(this.canvas);
      clear.apply(this, box);
    };
  });
  await open(page, await story(page));
  await drawn(page);
  // Every canvas that was drawn, the axis' included, and again once it may have lost what it shows.
  const count = (): Promise<number> => page.evaluate(() => (window as unknown as { drawings: Set<unknown> }).drawings.size);
  await page.evaluate(async () => {
    for (let frame = 0; frame < 12; frame += 1) {
      await new Promise(requestAnimationFrame);
    }
  });
  const all = await count();
  expect(all, "the axis and lanes").toBeGreaterThan(1);
  await page.evaluate(() => {
    (window as unknown as { drawings: Set<unknown> }).drawings.clear();
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(count).toBeGreaterThanOrEqual(all);
});
