// The main job, from the open incident to the shared report and back.

import { addNote, createShare, open, story } from "../demonstration";
import { expect, test } from "../watched";

test("from the suspect to a shared report, and the link revoked", async ({ page, browser, baseURL, watch }) => {
  const note = `Nodes rebooted by hand, ${Date.now()}`;

  await test.step("the demonstration names the suspect", async () => {
    await open(page, "/");
    await expect(page.getByTestId("overview")).toContainText(/simulated data/i);
  });

  const incident = await story(page);
  await test.step("the incident's first suspect is the rollout with its zombies", async () => {
    await open(page, incident);
    await expect(page.getByTestId("notice").first()).toContainText(/simulated data/i);
    const suspect = page.getByTestId("suspect").first();
    await expect(suspect).toContainText(/rollout|php/i);
    const score = await suspect.getByTestId("suspect-score").innerText();
    const share = Number.parseFloat(score.replace(/[^0-9.]/g, ""));
    expect(score.includes("%") ? share / 100 : share).toBeGreaterThan(0.5);
    expect(await page.getByTestId("lane").count()).toBeGreaterThan(4);
    await expect(page.getByTestId("ruled-out").first()).toBeVisible();
  });

  await test.step("a note is added", async () => {
    await addNote(page, note);
  });

  await test.step("the report has the note", async () => {
    await page.getByTestId("report-link").first().click();
    await expect(page).toHaveURL(`${incident}/report`);
    await expect(page.getByTestId("report")).toContainText(note);
  });

  const link = await createShare(page, incident);

  const guest = await browser.newContext({ baseURL });
  await watch.follow(guest);
  const guestPage = await guest.newPage();
  await test.step("someone without an account reads it, and nothing else", async () => {
    await open(guestPage, link);
    await expect(guestPage.getByTestId("shared-report")).toContainText(note);
    await expect(guestPage.getByTestId("annotation-form")).toHaveCount(0);
    await expect(guestPage.getByTestId("share-open")).toHaveCount(0);
  });

  await test.step("the link is revoked and refused", async () => {
    const row = page.getByTestId("share-row").filter({ has: page.getByTestId("share-revoke") }).first();
    await row.getByTestId("share-revoke").click();
    await expect(page.getByTestId("share-revoke")).toHaveCount(0);

    watch.expectRefusal(new URL(link, baseURL).href);
    await guestPage.goto(link);
    await expect(guestPage.getByTestId("share-refused")).toBeVisible();
    await expect(guestPage.getByTestId("shared-report")).toHaveCount(0);
  });

  await test.step("a link that never was is refused in the same words", async () => {
    const revoked = await guestPage.getByTestId("share-refused").innerText();
    const unknown = `/s/${"A".repeat(link.length - 3)}`;
    watch.expectRefusal(new URL(unknown, baseURL).href);
    await guestPage.goto(unknown);
    await expect(guestPage.getByTestId("share-refused")).toBeVisible();
    expect(await guestPage.getByTestId("share-refused").innerText()).toBe(revoked);
  });
  await guest.close();
});
