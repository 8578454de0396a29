// Pictures of the main pages, each compared with the one that is kept: `make snapshots`.

import { mainPages, open } from "../demonstration";
import { expect, test } from "../watched";
import { bundleFonts } from "./fonts";
import { still } from "./still";

// One worker, in order: pages of the demonstration as nobody has touched it, the share link made once.
test.describe.configure({ mode: "serial" });

for (const { name, width, height } of [
  { name: "desk", width: 1440, height: 1500 },
  { name: "phone", width: 390, height: 1800 },
]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test.describe(`${name}, ${colorScheme}`, () => {
      test.use({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });

      test("the main pages look as they did", async ({ page }) => {
        await bundleFonts(page);
        for (const [title, path] of Object.entries(await mainPages(page))) {
          await open(page, path);
          await still(page);
          await expect.soft(page).toHaveScreenshot(`${title}-${name}-${colorScheme}.png`);
        }
      });
    });
  }
}
