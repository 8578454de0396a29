// The pictures of the README and the documents: `make screenshots`.

import { createShare, open, story } from "../demonstration";
import { expect, test } from "../watched";

const FOLDER = "../docs/screenshots";

test.use({ deviceScaleFactor: 2 });

test("timeline, light and dark", async ({ page }) => {
  await open(page, await story(page));
  await expect(page.getByTestId("suspect").first()).toBeVisible();
  await page.screenshot({ path: `${FOLDER}/timeline.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: `${FOLDER}/timeline-dark.png` });
});

test("overview", async ({ page }) => {
  await open(page, "/");
  await page.screenshot({ path: `${FOLDER}/overview.png` });
});

test("report", async ({ page }) => {
  await open(page, `${await story(page)}/report`);
  await page.screenshot({ path: `${FOLDER}/report.png` });
});

test("a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, await createShare(page, await story(page)));
  await page.screenshot({ path: `${FOLDER}/share-phone.png` });
});
