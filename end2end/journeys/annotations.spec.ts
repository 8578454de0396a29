// Notes on the timeline: added, edited in place, removed, each surviving a reload and each undone; and what
// they mention.

import { addNote, open, petshop, story } from "../demonstration";
import { expect, test } from "../watched";

test("a note is edited where it stands and removed", async ({ page }) => {
  const first = `Pager went off, ${Date.now()}`;
  const second = `${first}, and was taken`;
  const incident = await story(page);
  await open(page, incident);

  await addNote(page, first);

  const annotation = page.getByTestId("annotation").filter({ hasText: first });
  await annotation.getByTestId("annotation-edit").click();
  const form = page.getByTestId("annotation").getByTestId("annotation-edit-form");
  await expect(form.locator("[name=text]")).toHaveValue(first);
  await form.locator("[name=text]").fill(second);
  await form.getByTestId("annotation-save").click();
  await expect(page.getByTestId("annotation").filter({ hasText: second })).toHaveCount(1);
  await expect(form).toHaveCount(0);

  await open(page, incident);
  await expect(annotation).toHaveCount(1);
  await expect(annotation).toContainText(second);

  await annotation.getByTestId("annotation-delete").click();
  await expect(annotation).toHaveCount(0);
  await open(page, incident);
  await expect(annotation).toHaveCount(0);
});

test("what was done to a note is undone, step by step, by button and by keys", async ({ page }) => {
  const first = `Written for undo, ${Date.now()}`;
  const second = `${first}, changed`;
  const incident = await petshop(page);
  await open(page, incident);
  const form = page.getByTestId("annotation-form");
  const start = (await page.locator(".lanes[data-incident]").getAttribute("data-start")) ?? "";
  const moment = new Date(Number(start) + 60_000).toISOString().slice(0, 16).replace("T", " ");
  await form.locator("[name=start]").fill(moment);
  await form.locator("[name=text]").fill(first);
  await form.getByTestId("annotation-save").click();
  const note = page.getByTestId("annotation").filter({ hasText: first });
  await expect(note).toHaveCount(1);
  await expect(form.locator("[name=text]")).toHaveValue("");
  const key = await note.getAttribute("data-note");

  await note.getByTestId("annotation-edit").click();
  await page.getByTestId("annotation-edit-form").locator("[name=text]").fill(second);
  await page.getByTestId("annotation-edit-form").getByTestId("annotation-save").click();
  await expect(page.getByTestId("annotation").filter({ hasText: second })).toHaveCount(1);

  await note.getByTestId("annotation-delete").click();
  await expect(note).toHaveCount(0);
  const toast = page.getByTestId("toast");
  await expect(toast).toContainText("The note is removed.");

  await toast.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("annotation").filter({ hasText: second })).toHaveAttribute("data-note", key ?? "");
  await expect(toast).toContainText("The note is changed.");
  await page.locator("h1").click();
  await page.keyboard.press("Control+z");
  await expect(page.getByTestId("annotation").filter({ hasText: second })).toHaveCount(0);
  await expect(note).toHaveCount(1);
  await page.keyboard.press("Control+z");
  await expect(note).toHaveCount(0);
  await expect(toast).toBeHidden();
  await open(page, incident);
  await expect(note).toHaveCount(0);
});

test("a note mentions series and events, which stay linked here and in the report", async ({ page }) => {
  const incident = await story(page);
  await open(page, incident);
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=start]").fill("2020-05-22 07:20");
  await form.locator("[name=text]").pressSequentially("Began with @");
  const picker = page.getByRole("combobox", { name: "Go to" });
  await expect(picker).toBeFocused();
  await picker.fill("burst");
  await page.locator("#palette-list").getByRole("option", { name: /Burst credit balance/ }).first().click();
  await expect(form.locator(".mention")).toHaveText([/Burst credit balance/]);
  await expect(form.locator("[name=text]")).toHaveValue(/^Began with @Burst credit balance/);

  await form.getByRole("button", { name: "Mention…" }).click();
  await picker.fill("rollout");
  await page.locator("#palette-list [data-choose^='mention event:']").first().click();
  await expect(form.locator(".mention")).toHaveCount(2);
  const said = `, seen ${Date.now()}`;
  await form.locator("[name=text]").pressSequentially(said);
  await form.getByTestId("annotation-save").click();

  const note = page.getByTestId("annotation").filter({ hasText: said });
  const mentions = note.getByTestId("mentions").getByRole("link");
  await expect(mentions).toHaveCount(2);
  await mentions.nth(1).click();
  await expect.poll(() => new URL(page.url()).searchParams.has("event")).toBe(true);
  const lane = (await mentions.nth(0).getAttribute("href"))?.replace("#", "") ?? "";
  await expect(page.locator(`[id="${lane}"]`)).toHaveAttribute("data-lane", /burst_credit_balance/);
  await mentions.nth(0).click();
  await expect(page.locator(".lane .pictures:focus")).toBeVisible();
  await expect(page.locator(`[id="${lane}"] .pictures`)).toBeFocused();
  await expect(page.locator(`[id="${lane}"] .pictures`)).toBeInViewport();

  await page.goto(`${incident}/report`);
  await expect(page.getByTestId("report")).toContainText("About: ");

  await open(page, incident);
  await page.getByTestId("annotation").filter({ hasText: said }).getByTestId("annotation-delete").click();
  await expect(page.getByTestId("annotation").filter({ hasText: said })).toHaveCount(0);
});
