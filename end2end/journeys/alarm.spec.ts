// Back-test on a lane: a threshold is dragged, the answer follows, and it becomes an action item.

import type { Locator, Page } from "@playwright/test";

import { box, drawn, hand, lane, query, timeline } from "../lanes";
import { expect, test } from "../watched";

const CREDITS = /Burst credit balance/;

// The lane of the credits: its place among the lanes.
async function credits(page: Page): Promise<{ place: number; grip: Locator; panel: Locator }> {
  const titles = await page.getByTestId("lane").locator("h3").allTextContents();
  const place = titles.findIndex((title) => CREDITS.test(title));
  expect(place).toBeGreaterThanOrEqual(0);
  await lane(page, place).scrollIntoViewIfNeeded();
  const grip = lane(page, place).getByRole("slider");
  await expect(grip).toBeVisible();
  return { place, grip, panel: lane(page, place).getByTestId("alarm") };
}

async function middle(of: Locator): Promise<{ x: number; y: number }> {
  const found = await of.boundingBox();
  if (found === null) {
    throw new Error("it is not there");
  }
  return { x: found.x + found.width / 2, y: found.y + found.height / 2 };
}

test("mouse: the answer follows the threshold, its address reproduces it, and it is taken over", async ({ page, browser, baseURL }) => {
  await timeline(page);
  const { place, grip, panel } = await credits(page);
  const { y, height } = await box(page, place);
  const from = await middle(grip);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x, y + height * 0.4, { steps: 6 });
  await expect(panel).toContainText(/Above|Below/);
  const first = await panel.locator(".alarm-said").textContent();
  await page.mouse.move(from.x, y + height * 0.6, { steps: 6 });
  await expect(panel.locator(".alarm-said")).not.toHaveText(first ?? "");
  await page.mouse.up();

  // A falling balance: in alarm below; when, how long before people felt it, and how often for nothing.
  if (/^Above/.test((await panel.textContent()) ?? "")) {
    await panel.getByRole("link", { name: "Below instead" }).click();
  }
  await expect(panel).toContainText(/It would have gone off at .* UTC, .* before people felt it/);
  await expect(panel).toContainText(/no false alarm in|false alarms? in/);
  await expect(panel).toHaveAttribute("data-fired", /^\d+-\d+/);
  await expect.poll(() => query(page).get("alarm")).toMatch(/^below:[\d.e+]+:/);
  const said = (await panel.locator(".alarm-said").textContent()) ?? "";
  const address = page.url();

  await page.goto(address);
  await drawn(page);
  await expect(page.getByTestId("alarm").locator(".alarm-said")).toHaveText(said);
  const again = await credits(page);
  await expect(again.grip).toHaveAttribute("aria-valuetext", /^Below/);

  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const still = await context.newPage();
  await still.goto(address);
  await expect(still.getByTestId("alarm").locator(".alarm-said")).toHaveText(said);
  await context.close();

  const title = `Alarm of a journey ${Date.now()}`;
  await page.getByTestId("alarm-take").locator("summary").first().click();
  await page.getByTestId("alarm-take").getByTestId("definition").first().locator("summary").click();
  await expect(page.getByTestId("alarm-take").locator("textarea").first()).toHaveValue(/BurstCreditBalance/);
  await page.getByTestId("alarm-take").getByLabel("Action item").fill(title);
  await page.getByTestId("alarm-take-over").click();
  const item = page.getByTestId("action").filter({ hasText: title });
  await expect(item).toContainText("before people felt it");
  expect(query(page).get("alarm")).toMatch(/^below:/);
  await item.getByTestId("action-remove").click();
  await expect(page.getByTestId("action").filter({ hasText: title })).toHaveCount(0);
});

test("keyboard: a threshold begins, moves and is let go", async ({ page }) => {
  await timeline(page);
  const { place, grip, panel } = await credits(page);
  await lane(page, place).locator(".pictures").focus();
  await page.keyboard.press("t");
  await expect(grip).toBeFocused();
  await expect(panel).toContainText(/Above|Below/);
  const value = async () => Number(await grip.getAttribute("aria-valuenow"));
  const before = await value();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("PageUp");
  await expect.poll(value).toBeGreaterThan(before + 5);
  await page.keyboard.press("End");
  await expect.poll(value).toBe(100);
  await expect(page.getByTestId("timeline-said")).toContainText(/It would|What it would/);
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect.poll(() => query(page).has("alarm")).toBe(false);
  await expect(grip).toHaveAttribute("aria-valuetext", "no threshold");
});

test.describe("fingers", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("a finger drags the threshold and not the page", async ({ page }) => {
    await timeline(page);
    const { place, grip, panel } = await credits(page);
    await lane(page, place).evaluate((element) => element.scrollIntoView({ block: "center" }));
    const touch = await hand(page);
    // Lanes that come into sight are drawn, and what stands on them is placed, in the frames that follow.
    let last = Number.NaN;
    const settled = async () => {
      const before = last;
      last = (await middle(grip)).y;
      return last === before;
    };
    await expect.poll(settled, { intervals: [1_000] }).toBe(true);
    const { x, y } = await middle(grip);
    const scrolled = await page.evaluate(() => window.scrollY);
    await touch("touchStart", [{ x, y }]);
    for (const dy of [20, 40, 60, 70]) {
      await touch("touchMove", [{ x, y: y + dy }]);
    }
    await touch("touchEnd", []);
    await expect(panel).toContainText(/Above|Below/);
    await expect.poll(() => query(page).has("alarm")).toBe(true);
    expect(await page.evaluate(() => window.scrollY)).toBe(scrolled);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(390);
  });
});
