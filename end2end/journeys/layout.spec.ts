// Nothing runs out of the page, lies on something else or is cut off: on a desk, a small screen and a phone, in
// light and dark, and with large letters.

import type { Page } from "@playwright/test";

import { everyPage, oneOfEach, open } from "../demonstration";
import { clipped, cutLabels, overflow, overlapping } from "../inspected";
import { expect, test } from "../watched";

// The messages say it all, and a trace of so many pages is slow.
test.use({ trace: "off" });

async function faults(page: Page): Promise<string[]> {
  const all = [await overflow(page), await clipped(page), await overlapping(page), await cutLabels(page)];
  return all.flat();
}

async function background(page: Page): Promise<number> {
  const colour = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d");
    if (context === null) {
      return [];
    }
    const painted = [document.body, document.documentElement]
      .map((element) => getComputedStyle(element).backgroundColor)
      .find((value) => value !== "rgba(0, 0, 0, 0)" && value !== "transparent");
    context.fillStyle = painted ?? "white";
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });
  return colour.reduce((sum, channel) => sum + channel, 0) / (3 * 255);
}

for (const { name, width, height } of [
  { name: "desk", width: 1440, height: 900 },
  { name: "small screen", width: 1024, height: 768 },
  { name: "phone", width: 390, height: 844 },
]) {
  test.describe(name, () => {
    test.use({ viewport: { width, height } });

    for (const colorScheme of ["light", "dark"] as const) {
      test.describe(colorScheme, () => {
        test.use({ colorScheme });

        test("nothing overflows, overlaps or is cut off", async ({ page }) => {
          test.setTimeout(240_000);
          for (const path of await everyPage(page)) {
            await open(page, path);
            await expect(page.getByRole("main")).toBeVisible();
            expect.soft(await faults(page), path).toEqual([]);
            const light = await background(page);
            expect.soft(colorScheme === "light" ? light : 1 - light, `${path}: background`).toBeGreaterThan(0.7);
          }
        });
      });
    }
  });
}

// WCAG 2.2, 1.4.4 (letters at 200 %) and 1.4.12 (more room between them), which a reader's own styles ask for.
for (const { name, css } of [
  { name: "letters of twice the size", css: "html { font-size: 200% !important }" },
  {
    name: "more room between letters, words and lines",
    css: "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }",
  },
]) {
  test(name, async ({ page }) => {
    test.setTimeout(240_000);
    for (const path of await oneOfEach(page)) {
      await page.goto(path);
      await page.evaluate((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        document.adoptedStyleSheets = [sheet];
      }, css);
      const told = [await overflow(page), await clipped(page), await overlapping(page)].flat();
      expect.soft(told, path).toEqual([]);
    }
  });
}

test("the theme can be switched, and stays", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await open(page, "/");
  const light = await background(page);
  const toggle = page.getByTestId("theme-toggle");
  // The system's own, light, dark: at most two steps to the dark one.
  await toggle.click();
  if (Math.abs((await background(page)) - light) < 0.4) {
    await toggle.click();
  }
  await expect.poll(() => background(page)).toBeLessThan(0.3);
  await page.goto("/incidents");
  expect(await background(page)).toBeLessThan(0.3);
});
