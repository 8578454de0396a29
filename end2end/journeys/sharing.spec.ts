// What leaves through a link: hidden names, looked at before; a password, a limit, and an end.

import { open, recurrence } from "../demonstration";
import { expect, test } from "../watched";

// A customer of the demonstration, whose name is a namespace, and part of workloads, pods and alerts.
const CUSTOMER = /alder-outdoor|harbour-theatre|larkrise-hotel|fs-3a7c51f2|web-eu-west-1/i;

test("names are hidden, looked at, and shared behind a password and a limit", async ({ page, browser, baseURL, watch }) => {
  const incident = await recurrence(page);

  await test.step("the preview hides every name that has a rule", async () => {
    await open(page, incident);
    await page.getByTestId("share-tab").click();
    await expect(page).toHaveURL(`${incident}/share`);
    const preview = page.getByTestId("share-preview");
    await expect(preview).toContainText("app-1");
    expect(await preview.innerHTML()).not.toMatch(CUSTOMER);
    const names = page.getByTestId("share-names");
    await names.locator("summary").first().click();
    await expect(names).toContainText("alder-outdoor");
    // The runs of a scheduled job are one row, which opens.
    const runs = names.getByTestId("hidden-runs").first();
    await expect(runs.getByTestId("hidden-name").first()).toBeHidden();
    await runs.locator("summary").click();
    await expect(runs.getByTestId("hidden-name").first()).toBeVisible();
  });

  await test.step("a further word is hidden too, and the address keeps what was chosen", async () => {
    await page.locator("#share-patterns").fill("Terminating");
    await page.getByTestId("share-show").click();
    await expect(page).toHaveURL(/patterns=Terminating/);
    await expect(page.getByTestId("done")).toHaveText("The preview is made of what the form says.");
    await expect(page.locator("#h-preview")).toBeInViewport();
    await expect(page.getByTestId("share-preview")).toContainText("hidden-1");
    await expect(page.getByTestId("share-preview")).not.toContainText("Terminating");
  });

  let link = "";
  await test.step("a link is made, and its address is shown once", async () => {
    await page.locator("#share-password").fill("open sesame");
    await page.locator("#share-views").fill("2");
    await page.getByTestId("share-make").click();
    await expect(page.getByTestId("share-url")).toBeFocused();
    link = (await page.getByTestId("share-url").getAttribute("data-path")) ?? "";
    expect(link).toMatch(/^\/s\/[A-Za-z0-9_-]{43}$/);
    await page.reload();
    await expect(page.getByTestId("share-url")).toHaveCount(0);
  });

  const guest = await browser.newContext({ baseURL });
  await watch.follow(guest);
  const reader = await guest.newPage();
  const url = new URL(link, baseURL).href;
  const loaded: string[] = [];
  reader.on("response", (response) => loaded.push(response.url()));

  await test.step("a reader is asked for the password, and a wrong one opens nothing", async () => {
    await reader.goto(link);
    await expect(reader.getByTestId("share-password")).toBeVisible();
    expect(await reader.content()).not.toMatch(/slow sites/i);
    watch.expectRefusal(url);
    await reader.locator("#password").fill("wrong");
    await reader.getByRole("button", { name: "Open the report" }).click();
    await expect(reader.getByRole("alert")).toContainText("not the password");
    await expect(reader.getByTestId("shared-report")).toHaveCount(0);
  });

  await test.step("the right one opens the report, in which no hidden word stands", async () => {
    await reader.locator("#password").fill("open sesame");
    await reader.getByRole("button", { name: "Open the report" }).click();
    await expect(reader.getByTestId("shared-report")).toContainText("app-1");
    expect(await reader.content()).not.toMatch(CUSTOMER);
    expect(await reader.locator("script").count()).toBe(0);
    for (const address of loaded) {
      expect([url, new URL("/pkg/lineup.css", baseURL).href]).toContain(address);
      const bytes = await (await guest.request.get(address, { headers: { "User-Agent": "Slackbot 1.0" } })).text();
      expect(bytes).not.toMatch(CUSTOMER);
    }
  });

  await test.step("it opens as often as it may, and then looks as if there were none", async () => {
    await reader.reload();
    await expect(reader.getByTestId("shared-report")).toBeVisible();
    await reader.goto(link);
    await expect(reader.getByTestId("share-refused")).toBeVisible();
  });

  await test.step("who shared it sees how often, makes another and revokes it", async () => {
    await page.goto(`${incident}/share`);
    await expect(page.getByTestId("share-row").first()).toContainText("used up");
    await expect(page.getByTestId("share-row").first()).toContainText("2 of 2 views");
    await page.getByTestId("share-make").click();
    const second = (await page.getByTestId("share-url").getAttribute("data-path")) ?? "";
    await reader.goto(second);
    await expect(reader.getByTestId("shared-report")).toContainText("node-A");
    await page.getByTestId("share-row").first().getByTestId("share-revoke").click();
    await expect(page.getByTestId("share-row").first()).toContainText("revoked");
    await expect(page.getByTestId("done")).toContainText("The link is revoked");
    watch.expectRefusal(new URL(second, baseURL).href);
    await reader.goto(second);
    await expect(reader.getByTestId("share-refused")).toBeVisible();
  });
  await guest.close();
});
