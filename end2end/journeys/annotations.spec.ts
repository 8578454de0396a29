// Notes on the timeline: added, edited, removed, each surviving a reload.

import { addNote, open, story } from "../demonstration";
import { expect, test } from "../watched";

test("a note is edited and removed", async ({ page }) => {
  const first = `Pager went off, ${Date.now()}`;
  const second = `${first}, and was taken`;
  const incident = await story(page);
  await open(page, incident);

  await addNote(page, first);

  const annotation = page.getByTestId("annotation").filter({ hasText: first });
  const form = page.getByTestId("annotation-form");

  await annotation.getByTestId("annotation-edit").click();
  await expect(form.locator("[name=text]")).toHaveValue(first);
  await form.locator("[name=text]").fill(second);
  await form.getByTestId("annotation-save").click();
  await expect(page.getByTestId("annotation").filter({ hasText: second })).toHaveCount(1);

  await open(page, incident);
  await expect(annotation).toHaveCount(1);
  await expect(annotation).toContainText(second);

  await annotation.getByTestId("annotation-delete").click();
  await expect(annotation).toHaveCount(0);
  await open(page, incident);
  await expect(annotation).toHaveCount(0);
});
