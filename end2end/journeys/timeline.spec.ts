// The timeline under mouse, fingers and keyboard; and that an address is the view, with scripts and
// without.

import { box, canvas, drag, drawn, hand, lane, query, shown, span, timeline } from "../lanes";
import { expect, test } from "../watched";

test("the browser's lanes take the place of the server's without a shift", async ({ page }) => {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        shifts.push((entry as unknown as { value: number }).value);
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  await timeline(page);
  const moved = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0));
  expect(moved).toBeLessThan(0.02);
});

test("mouse: drag zooms, shift and drag moves, double click goes out, back goes back", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  const before = await shown(page).textContent();

  await drag(page, 0.3, 0.6);
  await expect.poll(() => span(page)).toBeLessThan(whole / 2);
  const zoomed = await span(page);
  const from = Number(query(page).get("from"));
  await expect(shown(page)).not.toHaveText(before ?? "");

  await page.keyboard.down("Shift");
  await drag(page, 0.6, 0.4);
  await page.keyboard.up("Shift");
  await expect.poll(() => Number(query(page).get("from"))).toBeGreaterThan(from);
  expect(await span(page)).toBe(zoomed);

  await page.goBack();
  expect(Number(query(page).get("from"))).toBe(from);
  await page.goBack();
  await expect(shown(page)).toHaveText(before ?? "");
  await page.goForward();
  expect(await span(page)).toBe(zoomed);

  const { x, y, width, height } = await box(page);
  await page.mouse.dblclick(x + width / 2, y + height / 2);
  await expect.poll(() => span(page)).toBeGreaterThan(zoomed * 1.5);
});

test("mouse: the wheel scrolls, and zooms with ctrl and over the axis", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  const { x, y, width, height } = await box(page);
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.wheel(0, 120);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  expect(await span(page)).toBe(whole);

  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -240);
  await page.keyboard.up("Control");
  await expect.poll(() => span(page)).toBeLessThan(whole);
  const zoomed = await span(page);

  const axis = await page.locator(".axis .pictures").boundingBox();
  await page.mouse.move((axis?.x ?? 0) + width / 2, (axis?.y ?? 0) + 20);
  await page.mouse.wheel(0, -240);
  await expect.poll(() => span(page)).toBeLessThan(zoomed);
});

test("one crosshair reads every lane, in UTC and on the own clock", async ({ page }) => {
  await timeline(page);
  const { x, y, width, height } = await box(page);
  await page.mouse.move(x + width * 0.6, y + height / 2);
  await expect(page.locator(".cross")).toBeVisible();
  await expect(page.locator(".cross-time")).toContainText(/UTC · \d\d:\d\d:\d\d/);
  await expect(page.locator(".cross-time")).toContainText(/change point/);
  await expect(lane(page, 0).locator(".readout")).toHaveText(/\d|no data/);
  await expect(lane(page, 1).locator(".readout")).toHaveText(/\d|no data/);
});

test("the brush of the strip, presets and sentences lead to spans", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  const strip = await page.locator(".strip").boundingBox();
  if (strip === null) {
    throw new Error("there is no strip");
  }
  await page.mouse.move(strip.x + strip.width * 0.2, strip.y + 10);
  await page.mouse.down();
  await page.mouse.move(strip.x + strip.width * 0.5, strip.y + 10, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => span(page)).toBeLessThan(whole * 0.4);
  const brush = () =>
    page.evaluate(() => {
      const edge = (shade: string) => document.querySelector(shade)?.getBoundingClientRect() ?? new DOMRect();
      const { left, width } = edge(".strip");
      return [edge(".shade-before").right, edge(".shade-after").left].map((x) => Math.round(((x - left) / width) * 50) / 50);
    });
  expect(await brush()).toEqual([0.2, 0.5]);
  // Whatever ends animations leaves it where it is.
  await page.screenshot({ animations: "disabled" });
  expect(await brush()).toEqual([0.2, 0.5]);

  await page.locator(".preset", { hasText: "Onset" }).click();
  await expect.poll(() => span(page)).toBe(4 * 3_600_000);
  await expect(page.locator(".preset", { hasText: "Onset" })).toHaveAttribute("aria-current", "true");

  await page.locator(".preset", { hasText: "Everything" }).click();
  await expect.poll(() => span(page)).toBe(whole);

  await page.getByTestId("suspect").first().locator(".evidence a.span").first().click();
  await expect.poll(() => span(page)).toBeLessThan(whole);
});

test("keyboard: everything the mouse does", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  await lane(page).locator(".pictures").focus();

  await page.keyboard.press("+");
  await page.keyboard.press("+");
  await expect.poll(() => span(page)).toBeLessThan(whole * 0.6);
  const zoomed = await span(page);
  const from = Number(query(page).get("from"));
  await page.keyboard.press("ArrowLeft");
  await expect.poll(() => Number(query(page).get("from"))).toBeLessThan(from);
  expect(await span(page)).toBe(zoomed);

  await page.keyboard.press("]");
  await expect(page.locator(".cross")).toBeVisible();
  await expect(page.locator(".cross-time")).toContainText("at a change point");
  await expect(page.getByTestId("timeline-said")).toContainText("UTC.");

  await page.keyboard.press("s");
  for (let press = 0; press < 20; press += 1) {
    await page.keyboard.press("Shift+ArrowRight");
  }
  await expect(page.locator(".selection")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect.poll(() => span(page)).toBeLessThan(zoomed);

  await page.keyboard.press("0");
  await expect.poll(() => span(page)).toBe(whole);

  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "All keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("single keys can be switched off", async ({ page }) => {
  await timeline(page);
  const whole = await span(page);
  await page.locator("[data-do=keys]").click();
  await page.getByRole("checkbox").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("+");
  await page.waitForTimeout(500);
  expect(await span(page)).toBe(whole);
});

test("the palette goes to lanes, suspects, spans and actions", async ({ page }) => {
  await timeline(page);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Go to" })).toBeFocused();
  await page.keyboard.type("span onset");
  await page.keyboard.press("Enter");
  await expect.poll(() => span(page)).toBe(4 * 3_600_000);

  await page.keyboard.press("/");
  await page.keyboard.type("suspect");
  await page.keyboard.press("Enter");
  await expect.poll(() => query(page).has("focus")).toBe(true);
  // What is far out of sight is dimmed when it comes near.
  await page.getByTestId("lane").last().scrollIntoViewIfNeeded();
  await expect(page.locator(".lane-dim").first()).toBeAttached();
  await expect(page.getByTestId("suspect").first()).toHaveAttribute("data-lit", "");
});

test("lanes are hidden, moved, pinned, made taller, and their axes changed", async ({ page }) => {
  await timeline(page);
  const id = async (n: number): Promise<string> => (await lane(page, n).getAttribute("data-lane")) ?? "";
  const choose = async (n: number, what: string): Promise<void> => {
    await lane(page, n).locator("[data-menu]").click();
    await page.getByRole("menuitem", { name: what }).click();
  };
  const [first, second] = [await id(0), await id(1)];
  await choose(0, "Move down");
  expect(await id(0)).toBe(second);
  await choose(1, "Pin to the top");
  expect(await id(0)).toBe(first);
  expect(query(page).get("pin")).toBe(first);

  const height = (await canvas(page, 1).boundingBox())?.height ?? 0;
  await choose(1, "Taller");
  await expect.poll(async () => (await canvas(page, 1).boundingBox())?.height).toBeGreaterThan(height + 40);

  await choose(0, "Logarithmic axis");
  expect(query(page).get("log")).toBe(first);

  await choose(0, "Hide");
  await expect(page.locator(`[data-lane="${first}"]`)).toBeHidden();
  expect(query(page).get("hide")).toBe(first);

  await page.locator("[data-do=lanes]").click();
  await page.getByRole("menuitem", { name: /^\+ / }).first().click();
  await expect.poll(() => query(page).get("hide")).toBe(null);
});

test("mouse: a lane is dragged among the others by its left edge, and resized by its lower one", async ({ page }) => {
  await timeline(page);
  const order = (): Promise<(string | null)[]> =>
    page.locator(".lane:not([hidden])").evaluateAll((lanes) => lanes.map((l) => l.getAttribute("data-lane")));
  const before = await order();
  const [first = "", second = "", third = ""] = before.map((id) => id ?? "");
  const grip = page.locator(`[data-lane="${first}"] .lane-grip`);
  await grip.hover();
  await page.mouse.down();
  const under = async (id: string): Promise<number> => {
    const box = await page.locator(`[data-lane="${id}"]`).boundingBox();
    return (box?.y ?? 0) + (box?.height ?? 0) / 2;
  };
  const x = ((await grip.boundingBox())?.x ?? 0) + 4;
  // Short of the middle of the next one nothing happens; beyond it they change places.
  await page.mouse.move(x, (await under(second)) - 4, { steps: 4 });
  expect(await order()).toEqual(before);
  await page.mouse.move(x, (await under(second)) + 4, { steps: 2 });
  await expect.poll(order).toEqual([second, first, third, ...before.slice(3)]);
  await page.mouse.up();
  await expect.poll(() => query(page).get("lanes")).toMatch(new RegExp(`^${second},${first},`));
  await expect(page.getByTestId("timeline-said")).toContainText("moved.");
  await page.reload();
  await drawn(page);
  expect((await order()).slice(0, 3)).toEqual([second, first, third]);
  await page.goBack();
  await expect.poll(order).toEqual(before);

  // Taken by mistake: Escape puts it back, and letting go of the button afterwards does nothing.
  await grip.hover();
  await page.mouse.down();
  await page.mouse.move(x, (await under(second)) + 4, { steps: 2 });
  await expect.poll(order).toEqual([second, first, third, ...before.slice(3)]);
  await page.keyboard.press("Escape");
  await expect.poll(order).toEqual(before);
  await expect(page.getByTestId("timeline-said")).toContainText("put back.");
  await page.mouse.up();
  expect(await order()).toEqual(before);
  expect(query(page).get("lanes")).toBeNull();

  const height = async (): Promise<number> => (await canvas(page).boundingBox())?.height ?? 0;
  const usual = await height();
  const edge = await lane(page).locator(".lane-edge").boundingBox();
  const [middle, low] = [(edge?.x ?? 0) + (edge?.width ?? 0) / 2, (edge?.y ?? 0) + 4];
  await page.mouse.move(middle, low);
  await page.mouse.down();
  await page.mouse.move(middle, low + 50, { steps: 5 });
  await page.mouse.up();
  await expect.poll(height).toBeCloseTo(usual + 50, -1);
  await expect.poll(() => query(page).get("tall")).toMatch(new RegExp(`^${first}:\\d+$`));
  // The span is what it was: nothing was selected.
  expect(query(page).has("from")).toBe(false);
});

test("a pinned lane stays in sight, and the strip shows its curve", async ({ page }) => {
  await timeline(page);
  const strip = page.locator(".strip-curve");
  const before = await strip.getAttribute("d");
  await lane(page, 1).scrollIntoViewIfNeeded();
  await expect(lane(page, 1).locator(".pictures")).toHaveAttribute("data-drawn", "");
  const id = (await lane(page, 1).getAttribute("data-lane")) ?? "";
  await lane(page, 1).locator("[data-menu]").click();
  await page.getByRole("menuitem", { name: "Pin to the top" }).click();
  const pinned = page.locator(`[data-lane="${id}"]`);
  await expect(pinned).toHaveAttribute("data-stuck", "");
  await expect(strip).not.toHaveAttribute("d", before ?? "");
  await page.getByTestId("lane").last().scrollIntoViewIfNeeded();
  await expect(pinned).toBeInViewport({ ratio: 0.9 });
  const axis = await page.locator(".lanes .axis").boundingBox();
  const place = await pinned.boundingBox();
  expect(Math.abs((place?.y ?? 0) - (axis?.y ?? 0) - (axis?.height ?? 0))).toBeLessThan(2);

  // The brush keeps to the curve that is shown.
  const box = await page.locator(".strip").boundingBox();
  expect(box).not.toBeNull();
});

test("keyboard: a lane grows and shrinks", async ({ page }) => {
  await timeline(page);
  await lane(page).locator(".pictures").focus();
  const height = async () => (await canvas(page).boundingBox())?.height ?? 0;
  const before = await height();
  await page.keyboard.press("Shift+ArrowDown");
  await expect.poll(height).toBeGreaterThan(before + 40);
  expect(query(page).get("tall")).toMatch(/^[^:]+:\d+$/);
  await page.keyboard.press("Shift+ArrowUp");
  await expect.poll(height).toBeCloseTo(before, 0);
  expect(query(page).has("tall")).toBe(false);
});

test("another incident is laid over the lanes, from the menu of a lane, with scripts and without", async ({ page, browser, baseURL }) => {
  await timeline(page);
  await lane(page, 1).locator("[data-menu]").click();
  await page.getByRole("menuitem", { name: "Compare with…" }).click();
  const menu = page.getByRole("menu", { name: /Compare with/ });
  await expect(menu.getByRole("menuitem", { name: "The day before" })).toBeVisible();
  await menu.getByRole("menuitem", { name: /, \d{4}-\d\d-\d\d$/ }).first().click();
  await expect.poll(() => query(page).get("compare")).toMatch(/^incident:[0-9a-f]{32}$/);
  await expect(shown(page)).toContainText(/is laid over \d+ of \d+ lanes|There is nothing to compare/);
  const said = /· (.*)$/.exec((await shown(page).textContent()) ?? "")?.[1] ?? "";
  expect(said).not.toBe("");

  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const still = await context.newPage();
  await still.goto(page.url());
  await expect(shown(still)).toContainText(said);
  // Of fewer lanes fewer are counted, there as here.
  const one = (await lane(page).getAttribute("data-lane")) ?? "";
  await still.goto(`${page.url()}&lanes=${one}`);
  await expect(shown(still)).toContainText(/ of 1 lanes|There is nothing to compare/);
  await context.close();
});

test("without scripts the suspect's events are lit too", async ({ page, browser, baseURL }) => {
  await timeline(page);
  await page.keyboard.press("1");
  await expect.poll(() => query(page).has("focus")).toBe(true);
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const still = await context.newPage();
  const faint = async (address: string): Promise<number> => {
    await still.goto(address);
    return still.locator(".lane .picture-wide svg [fill-opacity], .lane .picture-wide svg [stroke-opacity]").count();
  };
  const lit = await faint(page.url());
  expect(lit).toBeGreaterThan(await faint(page.url().replace(/focus=[^&]*&?/, "")));
  await context.close();
});

test("the address reproduces the view, with scripts and without", async ({ page, browser, baseURL }) => {
  const path = await timeline(page);
  await drag(page, 0.3, 0.6);
  await lane(page, 1).locator("[data-menu]").click();
  await page.getByRole("menuitem", { name: "Hide" }).click();
  await expect.poll(() => query(page).has("hide")).toBe(true);
  const address = page.url();
  const text = await shown(page).textContent();
  const ids = await page.locator(".lane:not([hidden])").evaluateAll((lanes) => lanes.map((l) => l.getAttribute("data-lane")));

  await page.goto(address);
  await drawn(page);
  await expect(shown(page)).toHaveText(text ?? "");
  expect(page.url()).toBe(address);

  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const still = await context.newPage();
  await still.goto(address);
  await expect(shown(still)).toHaveText(text ?? "");
  const served = await still.locator(".lane").evaluateAll((lanes) => lanes.map((l) => l.getAttribute("data-lane")));
  expect(served).toEqual(ids);

  await still.goto(`${path}?zoom=7&from=1`);
  await expect(still.getByText(/parts were not understood/)).toContainText("zoom (no such setting)");
  await context.close();
});

test("events are filtered and linked both ways", async ({ page }) => {
  await timeline(page);
  const rows = page.locator(".events-table tr[data-event]");
  await expect(rows.first()).toBeVisible();
  const count = page.getByTestId("events-count");
  await expect(count).toHaveText(/^\d+ events/);
  const all = Number.parseInt((await count.textContent()) ?? "", 10);

  await page.getByLabel("Words").fill("rollout");
  await expect.poll(async () => Number.parseInt((await count.textContent()) ?? "", 10)).toBeLessThan(all);
  expect(query(page).get("text")).toBe("rollout");

  await rows.first().hover();
  await expect(page.locator(".cross")).toBeVisible();
  await rows.first().click();
  await expect(rows.first()).toHaveAttribute("aria-selected", "true");
  expect(query(page).get("event")).toBe(await rows.first().getAttribute("data-event"));

  const made = await rows.count();
  expect(made).toBeLessThan(120);
});

test("a note is written where the crosshair is", async ({ page }) => {
  await timeline(page);
  const { x, y, width, height } = await box(page);
  await page.mouse.move(x + width * 0.5, y + height / 2);
  await expect(page.locator(".cross")).toBeVisible();
  await page.keyboard.press("n");
  await expect(page.locator("#note-text")).toBeFocused();
  await expect(page.locator("#note-start")).toHaveValue(/^\d{4}-\d\d-\d\d \d\d:\d\d/);
});

test.describe("fingers", () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

  test("two fingers pinch, one moves", async ({ page }) => {
    await timeline(page);
    const whole = await span(page);
    const touch = await hand(page);
    const { x, y, width, height } = await box(page);
    const [middle, row] = [x + width * 0.55, y + height / 2];
    const at = (dx: number) => ({ x: middle + dx, y: row });

    await touch("touchStart", [at(-20), at(20)]);
    for (const dx of [30, 45, 60, 75]) {
      await touch("touchMove", [at(-dx), at(dx)]);
    }
    await touch("touchEnd", []);
    await expect.poll(() => span(page)).toBeLessThan(whole * 0.6);
    const zoomed = await span(page);
    const from = Number(query(page).get("from"));

    await touch("touchStart", [at(40)]);
    for (const dx of [20, 0, -20, -40]) {
      await touch("touchMove", [at(dx)]);
    }
    await touch("touchEnd", []);
    await expect.poll(() => Number(query(page).get("from"))).toBeGreaterThan(from);
    expect(await span(page)).toBe(zoomed);
  });

  test("a finger that rests and is drawn on selects a span", async ({ page }) => {
    await timeline(page);
    const whole = await span(page);
    const touch = await hand(page);
    const { x, y, width, height } = await box(page);
    const at = (share: number) => [{ x: x + width * share, y: y + height / 2 }];
    await touch("touchStart", at(0.4));
    const said = page.getByTestId("timeline-said");
    await expect(said).toContainText("Selection begun");
    for (const share of [0.5, 0.6, 0.7]) {
      await touch("touchMove", at(share));
    }
    await expect(page.locator(".selection")).toBeVisible();
    await touch("touchEnd", []);
    await expect.poll(() => span(page)).toBeLessThan(whole * 0.6);
    await expect(page.locator(".selection")).toBeHidden();
    const zoomed = await span(page);

    // One that rests and goes nowhere has tapped.
    await touch("touchStart", at(0.5));
    await expect(said).toContainText("Selection begun");
    await touch("touchEnd", []);
    await expect(page.locator(".cross")).toBeVisible();
    await expect(page.locator(".selection")).toBeHidden();
    expect(await span(page)).toBe(zoomed);
  });

  test("a lane is moved by its menu; it has no edges to drag", async ({ page }) => {
    await timeline(page);
    await expect(page.locator(".lane-grip").first()).toBeHidden();
    await expect(page.locator(".lane-edge").first()).toBeHidden();
    const first = (await lane(page).getAttribute("data-lane")) ?? "";
    await lane(page).locator("[data-menu]").tap();
    await page.getByRole("menuitem", { name: "Move down" }).tap();
    await expect(lane(page, 1)).toHaveAttribute("data-lane", first);
  });
});
