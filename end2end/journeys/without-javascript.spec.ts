// Every page is complete as the server sends it.

import { story } from "../demonstration";
import { expect, test } from "../watched";

test.use({ javaScriptEnabled: false });

test("overview, timeline and report are complete without JavaScript", async ({ page }) => {
  const incident = await story(page);

  await page.goto("/");
  await expect(page.getByTestId("overview")).toBeVisible();
  await expect(page.getByTestId("credit-row").first()).toBeVisible();
  await expect(page.getByTestId("source-row").first()).toBeVisible();

  await page.getByTestId("incident-link").first().click();
  await expect(page).toHaveURL(/\/incidents\/[^/]+$/);

  await page.goto(incident);
  await expect(page.getByTestId("suspect").first()).toBeVisible();
  await expect(page.getByTestId("ruled-out").first()).toBeVisible();
  const lanes = page.getByTestId("lane");
  expect(await lanes.count()).toBeGreaterThan(4);
  for (const lane of await lanes.all()) {
    await expect(lane.locator("svg").first()).toBeVisible();
  }

  await page.getByTestId("report-link").first().click();
  await expect(page.getByTestId("report")).toBeVisible();
  await expect(page.getByTestId("report").locator("svg").first()).toBeVisible();
});
