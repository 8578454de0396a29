// The pictures of the README and the documents, light, dark and on a phone: `make screenshots`.

import { mainPages, open } from "../demonstration";
import { bundleFonts } from "../snapshots/fonts";
import { still } from "../snapshots/still";
import { expect, test } from "../watched";

const FOLDER = "../docs/screenshots";

// Names that are older than the pages' own.
const NAMES: Record<string, string> = { home: "overview", incident: "timeline" };

const LOOKS = [
  { suffix: "", width: 1440, height: 900, colorScheme: "light" },
  { suffix: "-dark", width: 1440, height: 900, colorScheme: "dark" },
  { suffix: "-phone", width: 390, height: 844, colorScheme: "light" },
] as const;

for (const { suffix, width, height, colorScheme } of LOOKS) {
  test.describe(suffix, () => {
    test.use({ viewport: { width, height }, colorScheme, deviceScaleFactor: 2 });

    test("pictures of the main pages", async ({ page }) => {
      await bundleFonts(page);
      for (const [title, path] of Object.entries(await mainPages(page))) {
        await open(page, path);
        await still(page);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await page.screenshot({ path: `${FOLDER}/${NAMES[title] ?? title}${suffix}.png` });
      }
    });
  });
}
