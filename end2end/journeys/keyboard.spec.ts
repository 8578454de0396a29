// Whoever has no mouse, wants no motion, or brings colours of their own.

import type { Page } from "@playwright/test";

import { everyPage, oneOfEach, open, story } from "../demonstration";
import { expect, test } from "../watched";

// The messages say it all, and a trace of so many pages is slow.
test.use({ reducedMotion: "reduce", trace: "off" });

// Presses Tab through the whole page. Tells of controls that were never reached, of focus that cannot be
// seen, and of focus behind something else (WCAG 2.2, 2.1.1, 2.4.7 and 2.4.11).
async function tabThrough(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    // A report has hundreds of figures, all links of the same make.
    const SAME = 12;
    [...document.querySelectorAll<HTMLElement>(".report-figure")].slice(SAME).forEach((figure) => figure.setAttribute("tabindex", "-1"));
    const CONTROLS = "a[href], button:not(:disabled), input:not([type=hidden], :disabled), select, textarea, summary, [tabindex='0']";
    const find = () =>
      [...document.querySelectorAll(CONTROLS)].filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(".report-figure[tabindex]"),
      );
    const controls = find();
    const left = new Set(controls);
    const complaints: string[] = [];
    const look = () => {
      const element = document.activeElement;
      if (element === null || element === document.body) {
        return;
      }
      const told = (fault: string) => complaints.push(`${fault}: ${element.outerHTML.slice(0, 120)}`);
      left.delete(element);
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      if ((outlineStyle === "none" || Number.parseFloat(outlineWidth) === 0) && boxShadow === "none") {
        told("focus not visible");
      }
      // Of what is in sight of it, the middle.
      const box = element.getClientRects()[0] ?? new DOMRect();
      const between = (low: number, high: number, end: number) => (Math.max(low, 0) + Math.min(high, end)) / 2;
      const [x, y] = [between(box.left, box.right, innerWidth), between(box.top, box.bottom, innerHeight)];
      const over = document.elementFromPoint(x, y);
      if (over === null) {
        told("focus out of sight");
      } else if (!element.contains(over) && !over.contains(element) && !over.closest("label")?.contains(element)) {
        told(`focus behind ${over.outerHTML.slice(0, 60)}`);
      }
    };
    // By then the page has scrolled to what has the focus.
    document.addEventListener("keyup", look);
    Object.assign(window, { tabbed: { left, complaints, find } });
    return controls.length;
  });
  for (let press = 0; press < count + 2; press += 1) {
    await page.keyboard.press("Tab");
  }
  // A lane that came into sight on the way was drawn, and got a handle for its threshold.
  const more = await page.evaluate((known) => (window as unknown as { tabbed: { find: () => Element[] } }).tabbed.find().length - known, count);
  for (let press = 0; press < more; press += 1) {
    await page.keyboard.press("Tab");
  }
  return page.evaluate(() => {
    const { left, complaints } = (window as unknown as { tabbed: { left: Set<Element>; complaints: string[] } }).tabbed;
    // Of a group of radio buttons only one is a stop.
    const missed = [...left].filter((element) => !element.matches("[type=radio]") && element.checkVisibility({ visibilityProperty: true }));
    return [...missed.map((element) => `never reached: ${element.outerHTML.slice(0, 120)}`), ...complaints].slice(0, 5);
  });
}

for (const { name, width, height, pages } of [
  { name: "desk", width: 1440, height: 900, pages: everyPage },
  { name: "phone", width: 390, height: 844, pages: oneOfEach },
]) {
  test.describe(name, () => {
    test.use({ viewport: { width, height } });

    test("every control is reached by Tab, and seen; nothing moves", async ({ page }) => {
      test.setTimeout(180_000);
      for (const path of await pages(page)) {
        await open(page, path);
        expect.soft(await tabThrough(page), path).toEqual([]);
        const moving = await page.evaluate(() => [
          ...document.getAnimations().filter(({ playState }) => playState === "running").map(({ id }) => id),
          ...(getComputedStyle(document.documentElement).scrollBehavior === "smooth" ? ["smooth scrolling"] : []),
        ]);
        expect.soft(moving, path).toEqual([]);
      }
    });
  });
}

test("the skip link comes first and leads past the head", async ({ page }) => {
  await open(page, await story(page));
  await page.keyboard.press("Tab");
  const skip = page.locator(":focus");
  await expect(skip).toHaveAttribute("href", /^#/);
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  const target = (await skip.getAttribute("href")) ?? "";
  await expect(page).toHaveURL(new RegExp(`${target}$`));
});

test("colours of the system's own leave nothing unseen", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  for (const path of await oneOfEach(page)) {
    await page.goto(path);
    const unseen = await page.evaluate(() => {
      const found: string[] = [];
      const told = (fault: string, element: Element) => found.push(`${fault}: ${element.outerHTML.slice(0, 120)}`);
      for (const control of document.querySelectorAll("button, .button, input:not([type=hidden], [type=file], [type=radio], [type=checkbox]), textarea, select")) {
        const { borderTopWidth, borderTopStyle } = getComputedStyle(control);
        if (control.checkVisibility() && (Number.parseFloat(borderTopWidth) === 0 || borderTopStyle === "none")) {
          told("a control without an edge", control);
        }
      }
      // Backgrounds are taken away: what is nothing but a background must be told not to be.
      for (const bar of document.querySelectorAll("meter, progress, .theme")) {
        const { forcedColorAdjust, borderTopWidth } = getComputedStyle(bar, bar.matches(".theme") ? "::before" : null);
        if (bar.checkVisibility() && forcedColorAdjust !== "none" && !bar.matches(".theme")) {
          told("a bar without colour", bar);
        }
        if (bar.matches(".theme") && Number.parseFloat(borderTopWidth) === 0) {
          told("a mark without an edge", bar);
        }
      }
      for (const current of document.querySelectorAll("nav [aria-current=page]")) {
        const other = current.closest("nav")?.querySelector("a:not([aria-current=page])");
        const edge = (element: Element) => getComputedStyle(element).borderBottomColor;
        if (other !== null && other !== undefined && edge(other) === edge(current)) {
          told("a current page like any other", current);
        }
      }
      return found.slice(0, 5);
    });
    expect.soft(unseen, path).toEqual([]);
  }
});
