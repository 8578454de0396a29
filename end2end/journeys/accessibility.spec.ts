// WCAG 2.2 AA as far as a machine can tell, in both themes: every page on a desk, one of each kind on a
// phone.

import AxeBuilder from "@axe-core/playwright";

import { everyPage, oneOfEach } from "../demonstration";
import { outline } from "../inspected";
import { expect, test } from "../watched";

// The messages say it all, and a trace of so many pages is slow.
test.use({ trace: "off" });

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// No page has frames, and what is in order need not be told: half the time.
const QUICKLY: Parameters<AxeBuilder["options"]>[0] = { resultTypes: ["violations"] };

for (const { name, width, height, pages } of [
  { name: "desk", width: 1440, height: 900, pages: everyPage },
  { name: "phone", width: 390, height: 844, pages: oneOfEach },
]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport: { width, height }, colorScheme });

      test("axe finds nothing, and the outline is in order", async ({ page }) => {
        test.setTimeout(300_000);
        for (const path of await pages(page)) {
          await page.goto(path);
          const { violations } = await new AxeBuilder({ page }).options(QUICKLY).setLegacyMode(true).withTags(RULES).analyze();
          const told = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).slice(0, 3).join(" ")}`);
          expect.soft(told, path).toEqual([]);
          expect.soft(await outline(page), path).toEqual([]);
        }
      });
    });
  }
}
