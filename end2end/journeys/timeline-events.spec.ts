// Events and decisions on the timeline: filters, clusters, the way from a row to its lane, presets,
// comparisons, and what people decide about suspects.

import type { Page } from "@playwright/test";

import { open, petshop, story } from "../demonstration";
import { box, canvas, drawn, hand, lane, query, shown, span, timeline } from "../lanes";
import { expect, test } from "../watched";

const rows = (page: Page) => page.locator(".events-table tr[data-event]");
const count = (page: Page) => page.getByTestId("events-count");

async function counted(page: Page): Promise<number> {
  return Number.parseInt((await count(page).textContent()) ?? "", 10);
}

test("filters by kind, namespace, object and node, by a part of a name", async ({ page }) => {
  await timeline(page);
  await expect(count(page)).toHaveText(/^\d+ events are/);
  const all = await counted(page);
  const filter = page.locator(".events-filter");

  await filter.getByLabel("Kind").selectOption("rollout");
  await expect.poll(() => counted(page)).toBeLessThan(all);
  expect(query(page).get("kind")).toBe("rollout");
  await filter.getByLabel("Kind").selectOption("");
  await expect.poll(() => counted(page)).toBe(all);

  for (const part of ["namespace", "object", "node"]) {
    const input = page.locator(`#events-${part}`);
    const names = await page.locator(`#events-${part}-names option`).evaluateAll((list) => list.map((o) => (o as HTMLOptionElement).value));
    expect(names.length, part).toBeGreaterThan(0);
    expect(names.length, part).toBeLessThanOrEqual(200);
    const name = names.find((n) => n.length > 5) ?? names[0] ?? "";
    await input.fill(name.slice(0, -1).toUpperCase());
    await expect.poll(() => query(page).get(part)).toBe(name.slice(0, -1).toUpperCase());
    await expect(count(page)).toHaveText(/^\d+ events? (is|are) in this window/);
    await expect(rows(page).first()).toBeVisible();
    await input.fill("");
    await expect.poll(() => counted(page)).toBe(all);
  }
});

test("where nothing fits, the part that holds it back is let go of, with scripts and without", async ({ page, browser, baseURL }) => {
  await timeline(page);
  await page.getByLabel("Words").fill("rollout");
  await page.locator("#events-node").fill("no-such-node");
  await expect(count(page)).toContainText("No event is in this window and fits.");
  const drop = count(page).getByRole("button", { name: /Drop the node “no-such-node”: \d+ events?/ });
  const address = page.url();
  await drop.press("Enter");
  await expect(count(page)).toHaveText(/^\d+ events? (is|are)/);
  await expect(page.locator("#events-node")).toHaveValue("");
  expect(query(page).has("node")).toBe(false);
  expect(query(page).get("text")).toBe("rollout");

  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const still = await context.newPage();
  await still.goto(address);
  await count(still).getByRole("link", { name: /Drop the node/ }).click();
  await expect(count(still)).toHaveText(/^\d+ of \d+ events/);
  await context.close();
});

for (const way of ["mouse", "keyboard"] as const) {
  test(`${way}: an event that is chosen is shown in its lane`, async ({ page }) => {
    await timeline(page);
    const row = page.locator(".events-table tr[data-shown-in]").first();
    await expect(row).toBeVisible();
    const id = (await row.getAttribute("data-shown-in")) ?? "";
    if (way === "mouse") {
      await row.click();
      await expect(row).toHaveAttribute("aria-selected", "true");
      await page.getByRole("button", { name: "Show in its lane" }).click();
    } else {
      await row.focus();
      await page.keyboard.press("Enter");
      await expect(row).toHaveAttribute("aria-selected", "true");
      await expect(row).toBeFocused();
      await page.keyboard.press("Enter");
    }
    const picture = page.locator(`[data-lane="${id}"] .pictures`);
    await expect(picture).toBeFocused();
    await expect(picture).toBeInViewport();
    await expect(page.locator(".ring")).toBeVisible();
    await expect(page.locator(".cross")).toBeVisible();
  });
}

for (const way of ["mouse", "keyboard"] as const) {
  test(`${way}: a cluster of events opens into its events, and is zoomed to`, async ({ page }) => {
    await timeline(page);
    const whole = await span(page);
    const jobs = page.locator('[data-lane="jobs"]');
    await jobs.scrollIntoViewIfNeeded();
    const picture = jobs.locator(".pictures");
    await expect(picture).toHaveAttribute("data-drawn", "");
    const menu = page.getByRole("menu", { name: /^\d+ events · Job runs/ });
    const openIt = async (): Promise<void> => {
      if (way === "mouse") {
        const found = await picture.boundingBox();
        if (found === null) {
          throw new Error("the lane has no picture");
        }
        await page.mouse.click(found.x + found.width * 0.5, found.y + found.height - 36);
      } else {
        await picture.focus();
        await page.keyboard.press("Shift+ArrowRight");
        await page.keyboard.press("o");
      }
    };
    await openIt();
    await expect(menu).toBeVisible();
    const items = menu.getByRole("menuitem");
    await expect(items.first()).toHaveText("Zoom to them");
    await expect(items.first()).toBeFocused();
    expect(await items.count()).toBeGreaterThan(2);
    await expect(items.nth(1)).toHaveText(/^\d\d:\d\d:\d\d\s+\S/);

    // An event out of it is chosen, as one alone would be.
    if (way === "mouse") {
      await items.nth(1).click();
    } else {
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    }
    await expect.poll(() => query(page).has("event")).toBe(true);
    await expect(page.locator(".ring")).toBeVisible();
    await expect(menu).toHaveCount(0);

    await openIt();
    await expect(items.first()).toBeFocused();
    if (way === "mouse") {
      await items.first().click();
    } else {
      await page.keyboard.press("Enter");
    }
    await expect.poll(() => span(page)).toBeLessThan(whole);
  });
}

test("presets lead to the whole drain and to the impact", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  for (const name of ["Whole drain", "Impact"]) {
    const preset = page.locator(".preset", { hasText: name });
    await preset.click();
    await expect(preset).toHaveAttribute("aria-current", "true");
    const from = Number(await preset.getAttribute("data-from"));
    expect(Number(query(page).get("from"))).toBe(from);
    expect(await span(page)).toBeLessThan(whole);
  }
});

test("a comparison by day and by week counts all lanes of the view, in sight or not", async ({ page }) => {
  await timeline(page);
  const bounds = await span(page);
  const day = 24 * 3_600_000;
  for (const [name, ms] of [
    ["The day before", day],
    ["The week before", 7 * day],
  ] as const) {
    await page.locator("[data-do=compare]").press("Enter");
    const offered = page.getByRole("menuitem", { name });
    if (ms > bounds) {
      // Nothing was measured then.
      await expect(page.getByRole("menuitem", { name: "Nothing" })).toBeVisible();
      await expect(offered).toHaveCount(0);
      continue;
    }
    await offered.press("Enter");
    await expect.poll(() => query(page).get("compare")).toBe(`shift:${ms}`);
    await expect(shown(page)).toContainText(/is laid over|There is nothing to compare/);
    await expect(page.locator(".lanes[data-incident]")).not.toHaveAttribute("aria-busy", "true");
    const said = await shown(page).textContent();
    await page.getByTestId("lane").last().scrollIntoViewIfNeeded();
    await expect(page.getByTestId("lane").last().locator(".pictures")).toHaveAttribute("data-drawn", "");
    await expect(shown(page)).toHaveText(said ?? "");
  }
});

for (const way of ["mouse", "keyboard"] as const) {
  test(`${way}: a suspect is pinned, taken back, dismissed with a reason, taken back`, async ({ page }) => {
    await open(page, await petshop(page));
    await drawn(page);
    const suspect = page.getByTestId("suspect").first();
    const press = async (name: string): Promise<void> => {
      const button = suspect.getByTestId(name);
      await (way === "mouse" ? button.click() : button.press("Enter"));
    };
    const ruling = suspect.getByTestId("ruling");
    await press("pin");
    await expect(ruling).toContainText(/Pinned as the cause by .+ UTC/);
    await press("take-back");
    await expect(ruling).toHaveCount(0);
    await press("dismiss-open");
    await suspect.getByLabel("Why it is not the cause").fill("Came later");
    await press("dismiss");
    await expect(ruling).toContainText("Dismissed by");
    await expect(ruling).toContainText("Came later");
    await page.reload();
    await expect(ruling).toContainText("Came later");
    await drawn(page);
    await press("take-back");
    await expect(ruling).toHaveCount(0);
  });
}

test("what would have been without a suspect", async ({ page }) => {
  await open(page, await story(page));
  await page.getByTestId("what-if-link").first().press("Enter");
  await expect(page.getByTestId("what-if-answer")).toContainText(/credits would (not )?have|would not have mattered/i);
  await expect(page.getByTestId("model-error")).not.toBeEmpty();
});

test.describe("fingers", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("a tap sets the crosshair, opens a menu, chooses an event and begins a note", async ({ page }) => {
    await timeline(page);
    const { x, y, width, height } = await box(page);
    await page.touchscreen.tap(x + width * 0.6, y + height / 2);
    await expect(page.locator(".cross")).toBeVisible();
    await expect(lane(page).locator(".readout")).toHaveText(/\d|no data/);

    const before = (await canvas(page).boundingBox())?.height ?? 0;
    await lane(page).locator("[data-menu]").tap();
    await page.getByRole("menuitem", { name: "Taller" }).tap();
    await expect.poll(async () => (await canvas(page).boundingBox())?.height).toBeGreaterThan(before + 20);

    const row = page.locator(".events-table tr[data-shown-in]").first();
    await row.tap();
    await expect(row).toHaveAttribute("aria-selected", "true");
    await page.getByRole("button", { name: "Show in its lane" }).tap();
    await expect(page.locator(".ring")).toBeVisible();

    const text = page.locator("#note-text");
    await text.tap();
    await expect(text).toBeFocused();
  });

  test("what a lane says at the crosshair covers no title, however many lines it takes", async ({ page }) => {
    await timeline(page);
    const { x, y, width, height } = await box(page);
    await page.touchscreen.tap(x + width * 0.6, y + height / 2);
    await expect(lane(page).locator(".readout")).toHaveText(/\d|no data/);
    const heads = page.locator(".lane-head:has(.readout:not(:empty))");
    const over = await heads.evaluateAll((all) =>
      all.map((head) => [head.querySelector("h3"), head.querySelector(".readout")].map((part) => part?.getBoundingClientRect()))
        .filter(([title, said]) => (title?.bottom ?? 0) > (said?.top ?? 0) + 1)
        .length,
    );
    expect(over).toBe(0);
    expect(await heads.count()).toBeGreaterThan(1);
    // What lies over the picture takes nothing from the finger.
    const through = await heads.evaluateAll((all) =>
      all.every((head) => getComputedStyle(head.querySelector(".readout") ?? head).pointerEvents === "none"),
    );
    expect(through).toBe(true);
  });

  test("why an event is not drawn is read whole, in rows of one height", async ({ page }) => {
    await timeline(page, "?kind=pod_terminating");
    const why = rows(page).locator("td:last-child > span", { hasText: "not drawn: " });
    await expect(why.first()).toBeVisible();
    const cut = await why.evaluateAll((spans) =>
      spans.filter((s) => s.scrollHeight > s.clientHeight + 1 || s.scrollWidth > s.clientWidth + 1).map((s) => s.textContent),
    );
    expect(cut).toEqual([]);
    const heights = await rows(page).evaluateAll((all) => all.map((row) => row.getBoundingClientRect().height));
    expect(new Set(heights).size).toBe(1);
  });

  test("a finger drags the brush and taps a preset", async ({ page }) => {
    await timeline(page);
    const whole = await span(page);
    const strip = page.locator(".strip");
    await strip.scrollIntoViewIfNeeded();
    const found = await strip.boundingBox();
    if (found === null) {
      throw new Error("there is no strip");
    }
    const touch = await hand(page);
    const at = (share: number) => [{ x: found.x + found.width * share, y: found.y + found.height / 2 }];
    await touch("touchStart", at(0.2));
    for (const share of [0.3, 0.4, 0.5]) {
      await touch("touchMove", at(share));
    }
    await touch("touchEnd", []);
    await expect.poll(() => span(page)).toBeLessThan(whole * 0.5);
    await page.locator(".preset", { hasText: "Everything" }).tap();
    await expect.poll(() => span(page)).toBe(whole);
  });
});
