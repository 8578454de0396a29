// An incident that goes on: the page follows what changes, keeps its view, and asks again where the server had
// no room.

import { open, petshop } from "../demonstration";
import { drawn, query, shown } from "../lanes";
import { expect, test } from "../watched";

const lanes = ".lanes[data-incident]";

// An incident of its own with a table of samples.
async function incident(page: import("@playwright/test").Page): Promise<string> {
  await open(page, "/incidents/new");
  const form = page.locator("form", { has: page.locator("textarea[name=text]") });
  await form.locator("[name=title]").fill(`Goes on ${Date.now()}`);
  await form.locator("[name=start]").fill("2020-05-22 00:00");
  await form.locator("[name=end]").fill("2020-05-22 06:00");
  const rows = Array.from({ length: 300 }, (_, minute) => {
    const at = new Date(Date.UTC(2020, 4, 22, 0, minute)).toISOString();
    return `${at};${100 + (minute % 17)}`;
  });
  await form.locator("[name=text]").fill(["when;latency (ms)", ...rows, ""].join("\n"));
  await form.locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/(?!new)[^/]+$/);
  return new URL(page.url()).pathname;
}

test("evidence and notes that others add come by themselves; view, words and focus stay", async ({ page, context }) => {
  const path = await incident(page);
  const from = Date.UTC(2020, 4, 22, 1, 0);
  const to = Date.UTC(2020, 4, 22, 3, 0);
  await open(page, `${path}?from=${from}&to=${to}`);
  await drawn(page);
  const text = (await shown(page).textContent()) ?? "";
  const before = await page.getByTestId("lane").count();
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=text]").pressSequentially("half a sentence");
  const scrolled = await page.evaluate(() => window.scrollY);

  // Somebody else adds a file.
  const other = await context.newPage();
  await other.goto(path);
  await other.getByTestId("files-add").click();
  const more = other.getByTestId("files").locator("form", { has: other.locator("textarea[name=text]") });
  await more.locator("[name=text]").fill("when;errors (count)\n2020-05-22T01:10:00Z;3\n2020-05-22T01:11:00Z;900\n2020-05-22T02:00:00Z;4\n");
  await other.getByTestId("files-submit").click();
  await expect(other.getByTestId("file")).toHaveCount(2);
  await other.close();

  await expect.poll(() => page.getByTestId("lane").count()).toBe(before + 1);
  await expect(shown(page)).toHaveText(text);
  expect(Number(query(page).get("from"))).toBe(from);
  await expect(form.locator("[name=text]")).toHaveValue("half a sentence");
  await expect(form.locator("[name=text]")).toBeFocused();
  expect(Math.abs((await page.evaluate(() => window.scrollY)) - scrolled)).toBeLessThan(400);
  await expect(page.locator(lanes)).not.toHaveAttribute("aria-busy", "true");
});

test("a server without room is asked again when it says, and the page says so", async ({ page, watch }) => {
  const path = await petshop(page);
  let asked = 0;
  await page.route("**/api/incidents/*/live", async (route) => {
    asked += 1;
    // The line, and the question why it was refused.
    if (asked <= 2) {
      watch.expectRefusal(route.request().url());
      await route.fulfill({ status: 503, headers: { "retry-after": "1" }, body: "" });
      return;
    }
    await route.continue();
  });
  await open(page, path);
  const said = page.getByTestId("line-said");
  await expect(said).toContainText("asks again in 1 s");
  await expect(said).toHaveText("", { timeout: 15_000 });
  expect(asked).toBeGreaterThanOrEqual(3);
});
