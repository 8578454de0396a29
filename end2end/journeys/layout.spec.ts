// Nothing runs out of the page, on a desk and on a phone, in light and dark.

import type { Page } from "@playwright/test";

import { everyPage, open } from "../demonstration";
import { expect, test } from "../watched";

// How far the page can be pushed sideways, and the elements that stick out, for the message.
async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) {
      return [];
    }
    const scrolls = (element: Element | null): boolean =>
      element !== null && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    const out = [...document.querySelectorAll("body *")].filter(
      (element) => element.getBoundingClientRect().right > width + 0.5 && !scrolls(element.parentElement),
    );
    const wide = `${document.documentElement.scrollWidth} pixels instead of ${width}`;
    return [wide, ...out.slice(0, 5).map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") ?? ""}">`)];
  });
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
  { name: "phone", width: 390, height: 844 },
]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport: { width, height }, colorScheme });

      test("no page overflows", async ({ page }) => {
        for (const path of await everyPage(page)) {
          await page.goto(path);
          await expect(page.getByRole("main")).toBeVisible();
          expect.soft(await overflow(page), path).toEqual([]);
          const light = await background(page);
          expect.soft(colorScheme === "light" ? light : 1 - light, `${path}: background`).toBeGreaterThan(0.7);
        }
      });
    });
  }
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
