// WCAG 2.2 AA as far as a machine can tell, on every page and in both themes; and the keyboard.

import AxeBuilder from "@axe-core/playwright";

import { everyPage, open, story } from "../demonstration";
import { expect, test } from "../watched";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("axe finds nothing", async ({ page }) => {
      test.setTimeout(300_000);
      for (const path of await everyPage(page)) {
        await page.goto(path);
        const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
        const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`);
        expect.soft(told, path).toEqual([]);
      }
    });
  });
}

test("the keyboard alone: skip link first, focus always visible", async ({ page }) => {
  await open(page, await story(page));

  await page.keyboard.press("Tab");
  const skip = page.locator(":focus");
  await expect(skip).toHaveAttribute("href", /^#/);
  await expect(skip).toBeInViewport();
  await page.keyboard.press("Enter");
  const target = (await skip.getAttribute("href")) ?? "";
  await expect(page).toHaveURL(new RegExp(`${target}$`));

  for (let press = 0; press < 25; press += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null || element === document.body) {
        return { left: true, visible: true, html: "" };
      }
      const style = getComputedStyle(element);
      const outlined = style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0;
      return { left: false, visible: outlined || style.boxShadow !== "none", html: element.outerHTML.slice(0, 120) };
    });
    if (focus.left) {
      break;
    }
    expect(focus.visible, focus.html).toBe(true);
  }
});

test("motion stops for those who ask for it", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, await story(page));
  const moving = await page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === "running").length);
  expect(moving).toBe(0);
});
