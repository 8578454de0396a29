// A review from the draft to the published report, what is said on the way, and a meeting about it.

import type { Page } from "@playwright/test";

import { open } from "../demonstration";
import { expect, test } from "../watched";

// An incident of its own, so that nobody else changes what is approved here: a latency that rises.
async function ownIncident(page: Page, title: string): Promise<string> {
  await open(page, "/incidents/new");
  const form = page.locator("form", { has: page.locator("textarea[name=text]") });
  const rows = Array.from({ length: 240 }, (_, minute) => {
    const at = new Date(Date.UTC(2020, 4, 22, 0, minute)).toISOString();
    return `${at},${minute < 120 ? 20 + (minute % 3) : 400 + (minute % 5)}`;
  });
  await form.locator("[name=title]").fill(title);
  await form.locator("[name=start]").fill("2020-05-22 00:00");
  await form.locator("[name=end]").fill("2020-05-22 04:00");
  await form.locator("input[type=file]").setInputFiles({
    name: "latency.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(["time,latency_ms", ...rows].join("\n")),
  });
  await form.locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/[0-9a-f]{32}$/);
  return new URL(page.url()).pathname;
}

async function rename(page: Page, incident: string, title: string): Promise<void> {
  await open(page, incident);
  const manage = page.getByTestId("manage");
  await manage.locator("[name=title]").fill(title);
  await manage.getByRole("button", { name: "Change the title" }).click();
  await expect(page.locator("h1")).toContainText(title);
}

test("comments, a review, an approval that a change undoes, and the published report", async ({ page }) => {
  const name = `Slow writes ${Date.now()}`;
  const incident = await ownIncident(page, name);
  const state = page.getByTestId("review-state");
  const openThreads = page.locator(".lineup-main > section > .threads > [data-testid=thread]");

  await test.step("a comment stands beside its section", async () => {
    await open(page, `${incident}/report`);
    const beside = page.getByTestId("section-comments").first();
    const section = (await beside.getAttribute("data-section")) ?? "";
    await beside.locator("summary").first().click();
    await beside.locator("form [name=text]").last().fill("Who saw it <b>first</b>?");
    await beside.getByTestId("comment-add").click();
    // The page says what was done, once, and leads to it.
    await expect(page).toHaveURL(/\/report#thread-[\w-]+$/);
    const thread = page.locator(new URL(page.url()).hash);
    await expect(thread).toBeFocused();
    await expect(thread).toBeInViewport();
    const done = page.getByRole("status").filter({ hasText: "Your comment is added." });
    await expect(done).toBeInViewport();
    await page.reload();
    await expect(page.getByTestId("done")).toHaveCount(0);
    expect(await beside.getAttribute("data-section")).toBe(section);
    await expect(beside.getByTestId("comment")).toHaveText(/local user.*Who saw it <b>first<\/b>\?/s);
  });

  await test.step("it is answered, and resolved", async () => {
    await page.goto(`${incident}/review`);
    const thread = openThreads.first();
    await thread.getByTestId("reply-open").click();
    await thread.locator("[name=text]").fill("The pager.");
    await thread.getByTestId("reply-add").click();
    await expect(openThreads.first().getByTestId("comment")).toHaveCount(2);
    await expect(page.getByTestId("done")).toHaveText("Your reply is added.");
    await openThreads.first().getByTestId("thread-resolve").click();
    await expect(openThreads).toHaveCount(0);
    await expect(page.getByTestId("done")).toHaveText("The thread is resolved.");
    // Resolved threads are folded up; the one that the browser was led to is not.
    await expect(page.getByTestId("resolved-threads").getByTestId("thread")).toBeVisible();
    await expect(page.getByTestId("resolved-threads")).toContainText("1 resolved");
  });

  await test.step("a review is asked for, and two reviewers approve", async () => {
    await expect(state).toHaveText("draft");
    await page.getByTestId("reviewers-edit").click();
    await page.locator("[name=reviewers]").fill("Ada\nGrace");
    await page.getByTestId("reviewers-save").click();
    await expect(page.getByTestId("reviewer")).toHaveText([/Ada/, /Grace/]);
    await page.getByTestId("review-ask").click();
    await expect(state).toHaveText("in review");
    await expect(page.getByTestId("awaited")).toHaveText("Waiting for Ada, Grace.");
    await page.getByTestId("approve-name").selectOption("Grace");
    await page.getByTestId("review-approve").click();
    await expect(page.getByTestId("awaited")).toHaveText("Waiting for Ada.");
    await page.getByTestId("review-approve").click();
    await expect(state).toHaveText("approved");
    await expect(page.getByTestId("approvals")).toContainText("Ada approved version 1");
  });

  await test.step("a later change opens it again, and says who and what", async () => {
    await rename(page, incident, `${name}, twice`);
    await page.goto(`${incident}/review`);
    await expect(state).toHaveText("draft");
    await expect(page.getByTestId("reopened")).toContainText("local user renamed the incident");
    await page.getByTestId("reopened").getByRole("link", { name: "What differs" }).click();
    await expect(page.getByTestId("compared").locator("ins").first()).toContainText("twice");
  });

  await test.step("the second version is approved and published; the first one stays as it was", async () => {
    await page.getByTestId("review-ask").click();
    for (const reviewer of ["Ada", "Grace"]) {
      await page.getByTestId("approve-name").selectOption(reviewer);
      await page.getByTestId("review-approve").click();
      await expect(page.getByTestId("approvals")).toContainText(`${reviewer} approved version 2`);
    }
    await page.getByTestId("review-publish").click();
    await expect(state).toHaveText("published");
    await page.getByTestId("version").getByRole("link", { name: "Version 1", exact: true }).click();
    await expect(page.getByTestId("frozen")).toContainText("Version 1");
    await expect(page.getByTestId("version-report").locator("h1")).toHaveText(name);
  });

  await test.step("every step is in the activity log", async () => {
    await page.goto(`${incident}/activity`);
    const rows = page.getByTestId("activity-row");
    for (const words of [
      `imported the incident: ${name}`,
      "commented",
      "replied to a comment: The pager.",
      "resolved a thread",
      "named the reviewers: Ada, Grace",
      "asked for a review: version 1",
      "approved the report: version 1, Grace",
      "renamed the incident",
      "opened the review again: version 1",
      "published the report: version 2",
    ]) {
      await expect(rows.filter({ hasText: words }).first(), words).toBeVisible();
    }
  });
});

test("action items of all incidents: an owner, a day, a tracker, and done", async ({ page }) => {
  const title = `Alert on latency ${Date.now()}`;
  const incident = await ownIncident(page, title);
  await open(page, incident);
  const panel = page.locator("section", { has: page.locator("#h-actions") });
  await panel.getByText("Add one").click();
  await panel.locator("form[action='/api/add_action'] [name=title]").fill(title);
  await panel.getByTestId("action-add").click();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Actions" }).click();
  const row = page.getByTestId("action-row").filter({ hasText: title });
  await expect(row).toContainText("nobody yet");
  await row.getByTestId("action-edit").click();
  await row.locator("[name=owner]").fill("Ada");
  await row.locator("[name=due]").fill("2020-06-01");
  await row.locator("[name=link]").fill("https://tracker.example/A-1");
  await row.getByTestId("action-save").click();
  await expect(row).toContainText("overdue");
  await expect(page.getByTestId("done")).toHaveText("The action item is saved.");
  await expect(row.getByTestId("action-link")).toHaveAttribute("href", "https://tracker.example/A-1");

  await page.goto("/actions?owner=Ada&overdue=yes");
  await expect(row).toHaveCount(1);
  await row.getByTestId("action-edit").click();
  await row.locator("[name=state]").selectOption("done");
  await row.getByTestId("action-save").click();
  await expect(row).toHaveCount(0);
  await page.goto("/actions?state=done");
  await expect(row).toHaveCount(1);
  await page.goto("/actions?owner=nobody-of-that-name");
  await expect(page.getByTestId("actions-none")).toBeVisible();
});

test("in a meeting two others follow, on a desk and on a phone, and their notes become comments", async ({
  page,
  browser,
  baseURL,
  watch,
}) => {
  const incident = await ownIncident(page, `Meeting ${Date.now()}`);
  await page.goto(`${incident}/review`);
  await page.getByTestId("meeting-begin").click();
  await expect(page.getByTestId("meeting-who")).toHaveText("You present");

  const pages: Page[] = [];
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    const context = await browser.newContext({ baseURL, viewport });
    await watch.follow(context);
    const follower = await context.newPage();
    await follower.goto(incident);
    await expect(follower.getByTestId("meeting-who")).toHaveText("local user presents");
    await follower.getByTestId("meeting-join").click();
    pages.push(follower);
  }

  await test.step("whoever joins sees what is shown", async () => {
    for (const follower of pages) {
      await expect(follower).toHaveURL(`${incident}/review`);
      await expect(follower.getByTestId("meeting-who")).toHaveText("local user presents, you follow");
    }
  });

  const [desk, phone] = pages as [Page, Page];
  await test.step("they follow to a section of the report", async () => {
    await page.goto(`${incident}/report`);
    const last = page.locator(".report-section[id]").last();
    await last.evaluate((section) => section.scrollIntoView());
    const id = (await last.getAttribute("id")) ?? "";
    for (const follower of pages) {
      await expect(follower).toHaveURL(new RegExp(`${incident}/report`));
      await expect(follower.locator(`[id="${id}"]`)).toBeInViewport();
    }
  });

  await test.step("they follow to a span of the timeline, without loading the page again", async () => {
    await open(page, incident);
    for (const follower of pages) {
      await expect(follower).toHaveURL(new RegExp(`${incident}$`));
      await expect(follower.locator("canvas.lane-canvas").first()).toBeAttached();
      await follower.evaluate(() => Object.assign(window, { stayed: true }));
    }
    const [from, to] = [Date.UTC(2020, 4, 22, 1, 30), Date.UTC(2020, 4, 22, 2, 30)];
    await page.evaluate((query) => {
      history.pushState(null, "", query);
      dispatchEvent(new PopStateEvent("popstate"));
    }, `?from=${from}&to=${to}`);
    for (const follower of pages) {
      await expect(follower).toHaveURL(`${incident}?from=${from}&to=${to}`);
      expect(await follower.evaluate(() => "stayed" in window)).toBe(true);
    }
  });

  await test.step("what is noted is a comment on what was shown", async () => {
    await phone.getByTestId("meeting-note-open").click();
    await phone.locator("#meeting-note").fill("Here it began.");
    await phone.getByTestId("meeting-note-add").click();
    await expect(phone.locator(".meeting-said")).toHaveText("Kept.");
  });

  await test.step("one leaves and stays where they are, comes back, and presents", async () => {
    await phone.getByTestId("meeting-leave").click();
    await page.goto(`${incident}/review`);
    await expect(desk).toHaveURL(`${incident}/review`);
    await expect(phone).toHaveURL(/from=/);
    const noted = page.getByTestId("thread").filter({ hasText: "Here it began." });
    await expect(noted).toContainText("2020-05-22 01:30 to 2020-05-22 02:30 UTC");
    await expect(noted).toContainText("in a meeting");
    await phone.getByTestId("meeting-join").click();
    await expect(phone).toHaveURL(`${incident}/review`);
    await phone.getByTestId("meeting-present").click();
    await expect(phone.getByTestId("meeting-who")).toHaveText("You present");
    await expect(page.getByTestId("meeting-who")).toHaveText("local user presents, you follow");
    await phone.goto(`${incident}/activity`);
    await expect(page).toHaveURL(`${incident}/activity`);
  });

  await test.step("it ends for all", async () => {
    await phone.getByTestId("meeting-end").click();
    for (const one of [page, ...pages]) {
      await expect(one.getByTestId("meeting")).toHaveCount(0);
    }
    await expect(page.getByTestId("activity-row").filter({ hasText: "began a meeting" })).toHaveCount(1);
  });
});
