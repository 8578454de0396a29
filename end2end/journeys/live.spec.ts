// What others tell by a hook can be looked at at once, and becomes an incident.

import { open } from "../demonstration";
import { expect, test } from "../watched";

test("from a hook to the explore page to an incident", async ({ page, request, watch }) => {
  const now = new Date();
  const before = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const event = {
    id: "deploy-417",
    kind: "rollout",
    start: before(12),
    title: "Deployment journey-shop revision 417",
    namespace: "journey",
    object: { kind: "Deployment", name: "journey-shop" },
  };
  const refused = await request.post("/hooks/events", { data: JSON.stringify(event) });
  expect(refused.status()).toBe(401);
  const told = await request.post("/hooks/events", {
    data: JSON.stringify(event),
    headers: { Authorization: `Bearer ${process.env.LINEUP_HOOK_TOKEN}` },
  });
  expect(told.status()).toBe(204);

  await open(page, "/sources");
  const card = page.getByTestId("source-card").filter({ hasText: "hooks" });
  await expect(card).toContainText("1 event came last");

  await open(page, "/explore?words=journey-shop");
  await expect(page.getByTestId("explore-came")).toContainText("1 of");
  await expect(page.getByTestId("lane").first()).toBeVisible();

  const form = page.getByTestId("declare").locator("form");
  await form.locator("[name=title]").fill("Journey: slow since the deploy");
  await form.locator("[name=end]").fill("");
  await form.getByRole("button", { name: "Make this an incident" }).click();
  await expect(page).toHaveURL(/\/incidents\/[0-9a-f]{32}$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Journey: slow since the deploy");
  await expect(page.getByTestId("coverage")).toContainText("hooks", { timeout: 30_000 });
  await page.getByRole("button", { name: "Close the incident" }).click();
  await expect(page.getByRole("button", { name: "Open again" })).toBeVisible();
  expect(watch.complaints).toEqual([]);
});

test("the last six hours have an address of their own", async ({ page }) => {
  await open(page, "/explore?start=2020-05-22%2000:00&end=2020-05-22%2006:00");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Explore");
});
