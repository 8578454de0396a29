// Every page is complete as the server sends it.

import { PRICED, story } from "../demonstration";
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

test("a pull is priced before it starts, and what is wrong stands beside its input", async ({ page }) => {
  await page.goto("/incidents/new");
  await expect(page.getByTestId("price")).toHaveCount(0);
  await page.getByLabel("Amazon EBS volume").fill("not-a-volume");
  await page.getByRole("button", { name: "Show what it costs" }).click();
  await expect(page.getByRole("alert")).toContainText("Some inputs cannot be used");
  await expect(page.locator("#pull-title-hint")).toContainText("a title is needed");
  await expect(page.getByLabel("Amazon EBS volume")).toHaveValue("not-a-volume");

  await page.goto(PRICED);
  const price = page.getByTestId("price");
  await expect(price).toContainText("US dollars a month, asked every 1 min");
  await expect(price).toContainText("only the pull learns how many there are");
  await expect(price.getByRole("button", { name: "Pull now" })).toBeVisible();
  await expect(page.getByLabel("Amazon EFS file system")).toHaveValue("fs-0123456789abcdef0");
});
