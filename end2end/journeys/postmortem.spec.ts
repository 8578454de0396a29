// A postmortem from the draft to the shared page, by three people with an account each: written by two at
// once, commented, reviewed, approved, published, shared with its names hidden, and taken back.

import type { APIRequestContext, Page } from "@playwright/test";

import { open, recurrence } from "../demonstration";
import { baseURL, firstInvitation, invite, join, someone } from "../team";
import { expect, test } from "../watched";

test.use({ baseURL });

// Opens the editor of a section.
async function edit(page: Page, incident: string, section: string): Promise<void> {
  await open(page, `${incident}/report?edit=${section}&form=text`);
  await expect(page.getByTestId("section-text")).toBeVisible();
}

async function write(page: Page, words: string): Promise<void> {
  await page.getByTestId("section-text").fill(words);
  await expect(page.getByTestId("save-state")).toContainText(/^Saved/);
}

// A name as a word of its own, in any case.
function word(name: string): RegExp {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}])${plain}(?![\\p{L}\\p{N}])`, "iu");
}

// Kinds of the chunks of a PNG, which is where it would carry words.
function chunksOf(png: Buffer): string[] {
  const kinds: string[] = [];
  for (let at = 8; at + 8 <= png.length; at += 12 + png.readUInt32BE(at)) {
    kinds.push(png.toString("latin1", at + 4, at + 8));
  }
  return kinds;
}

// Everything that a shared page gives: itself, what it loads, and its charts as files.
async function given(reader: Page, request: APIRequestContext, link: string): Promise<Map<string, Buffer>> {
  const out = new Map<string, Buffer>();
  const loads: Promise<void>[] = [];
  reader.on("response", (response) => {
    loads.push(response.body().then((body) => void out.set(new URL(response.url()).pathname, body)));
  });
  await reader.goto(link, { waitUntil: "networkidle" });
  await expect(reader.getByTestId("shared-report")).toBeVisible();
  await Promise.all(loads);
  out.set("the page as it stands", Buffer.from(await reader.content()));
  const report = await request.get(`${link}/report.html`);
  expect(report.status()).toBe(200);
  out.set("report.html", await report.body());
  const lanes = await reader.locator("figure[data-lane]").evaluateAll((all) => all.map((f) => (f as HTMLElement).dataset.lane ?? ""));
  expect(lanes.length).toBeGreaterThan(3);
  for (const lane of lanes) {
    for (const ending of ["svg", "png"]) {
      const answer = await request.get(`${link}/charts/${lane}.${ending}`);
      expect(answer.status(), `${lane}.${ending}`).toBe(200);
      out.set(`${lane}.${ending}`, await answer.body());
    }
  }
  return out;
}

test("three people write, review, publish, share and take back a postmortem", async ({ page: lead, browser, watch }) => {
  test.setTimeout(180_000);
  await join(lead, firstInvitation(), "Grace Lead", "grace");
  const toAuthor = await invite(lead, "responder");
  const toReviewer = await invite(lead, "responder");
  const author = await someone(browser, watch);
  await join(author, toAuthor, "Alan Author", "alan");
  const reviewer = await someone(browser, watch);
  await join(reviewer, toReviewer, "Rita Reviewer", "rita");
  const incident = await recurrence(author);
  const state = (page: Page) => page.getByTestId("review-state");

  await test.step("the draft says what happened before anybody has written a word", async () => {
    await open(author, `${incident}/report`);
    await expect(author.locator("[data-testid=doc-section][data-section=summary]")).toContainText("Terminating");
    await expect(author.locator("[data-testid=doc-section][data-section=summary] .report-figure").first()).toBeVisible();
  });

  await test.step("two write one section at the same time, and no word is lost", async () => {
    await edit(author, incident, "contributing");
    await write(author, "One.\n\nTwo.\n\nThree.");
    await edit(author, incident, "contributing");
    await edit(reviewer, incident, "contributing");
    await Promise.all([write(author, "One, by Alan.\n\nTwo.\n\nThree."), write(reviewer, "One.\n\nTwo.\n\nThree, by Rita.")]);
    await open(lead, `${incident}/report`);
    const section = lead.locator("[data-testid=doc-section][data-section=contributing]");
    for (const words of ["One, by Alan.", "Two.", "Three, by Rita."]) {
      await expect(section).toContainText(words);
    }
  });

  await test.step("a comment is made, answered and resolved", async () => {
    const beside = (page: Page) => page.locator("[data-testid=section-comments][data-section=contributing]");
    await open(reviewer, `${incident}/report`);
    await beside(reviewer).locator("summary").first().click();
    await beside(reviewer).locator("form [name=text]").last().fill("Is that all?");
    await beside(reviewer).getByTestId("comment-add").click();
    await open(author, `${incident}/report`);
    await expect(beside(author).getByTestId("comment")).toHaveText(/Rita Reviewer.*Is that all\?/s);
    await beside(author).getByTestId("reply-open").click();
    await beside(author).locator("[name=text]").first().fill("It is.");
    await beside(author).getByTestId("reply-add").click();
    await expect(beside(author).getByTestId("comment")).toHaveCount(2);
    await beside(author).getByTestId("thread-resolve").click();
    await expect(beside(author).locator("summary").first()).toContainText("all resolved");
  });

  await test.step("a named reviewer approves, nobody else does, and a change undoes it", async () => {
    await author.goto(`${incident}/review`);
    await author.getByTestId("reviewers-edit").click();
    await author.locator("[name=reviewers]").fill("Rita Reviewer");
    await author.getByTestId("reviewers-save").click();
    await author.getByTestId("review-ask").click();
    await expect(state(author)).toHaveText("in review");
    await expect(author.getByTestId("review-approve")).toHaveCount(0);
    await reviewer.goto(`${incident}/review`);
    await reviewer.getByTestId("review-approve").click();
    await expect(state(reviewer)).toHaveText("approved");
    await edit(author, incident, "went-well");
    await write(author, "Alan Author looked at the right graph at once.");
    await author.goto(`${incident}/review`);
    await expect(state(author)).toHaveText("draft");
    await expect(author.getByTestId("reopened")).toContainText("Alan Author");
  });

  await test.step("what it says now is approved and published", async () => {
    await author.getByTestId("review-ask").click();
    await reviewer.goto(`${incident}/review`);
    await reviewer.getByTestId("review-approve").click();
    await expect(reviewer.getByTestId("approvals")).toContainText("Rita Reviewer approved version 2");
    await lead.goto(`${incident}/review`);
    await lead.getByTestId("review-publish").click();
    await expect(state(lead)).toHaveText("published");
  });

  let link = "";
  let hidden: string[] = [];
  await test.step("it is shared with every name hidden that has a rule", async () => {
    await lead.goto(`${incident}/share`);
    await lead.locator("#share-patterns").fill("kubelet");
    await lead.getByTestId("share-show").click();
    const names = lead.getByTestId("share-names");
    await names.locator("summary").first().click();
    hidden = await names.getByTestId("hidden-name").allTextContents();
    expect(hidden).toContain("alder-outdoor");
    expect(hidden).toContain("Alan Author");
    await lead.getByTestId("share-make").click();
    link = (await lead.getByTestId("share-url").getAttribute("data-path")) ?? "";
    expect(link).toMatch(/^\/s\/[A-Za-z0-9_-]{43}$/);
  });

  const guest = await browser.newContext({ baseURL });
  await watch.follow(guest);
  const reader = await guest.newPage();
  await test.step("nothing that a stranger can load holds a hidden word", async () => {
    const all = await given(reader, guest.request, link);
    for (const [what, bytes] of all) {
      if (what.endsWith(".png")) {
        expect(chunksOf(bytes).filter((kind) => !["IHDR", "PLTE", "IDAT", "IEND", "pHYs", "sRGB"].includes(kind)), what).toEqual([]);
        continue;
      }
      // The style sheet is the same for every incident.
      const text = what.startsWith("/pkg/") ? "" : bytes.toString("utf8");
      for (const name of hidden) {
        expect(word(name).exec(text)?.[0] ?? "", `${name} in ${what}`).toBe("");
      }
    }
    await expect(reader.getByTestId("shared-report")).toContainText(/person-\w+ looked at the right graph at once\./);
    expect(await reader.locator("script").count()).toBe(0);
  });

  await test.step("what is changed afterwards is not seen by readers until it is published", async () => {
    await edit(author, incident, "went-well");
    await write(author, "Words that nobody has approved.");
    await reader.reload();
    await expect(reader.getByTestId("shared-report")).toContainText("looked at the right graph at once.");
    await expect(reader.getByTestId("shared-report")).not.toContainText("Words that nobody has approved.");
  });

  await test.step("a revoked link opens nothing", async () => {
    await author.goto(`${incident}/share`);
    await author.getByTestId("share-row").first().getByTestId("share-revoke").click();
    await expect(author.getByTestId("share-row").first()).toContainText("revoked");
    watch.expectRefusal(new URL(link, baseURL).href);
    await reader.goto(link);
    await expect(reader.getByTestId("share-refused")).toBeVisible();
  });

  await test.step("the log tells who did what", async () => {
    await lead.goto(`${incident}/activity`);
    const rows = lead.getByTestId("activity-row");
    for (const line of [
      /Alan Author.*edited the document: contributing/s,
      /Rita Reviewer.*commented/s,
      /Rita Reviewer.*approved the report: version 2/s,
      /Grace Lead.*published the report: version 2/s,
      /Grace Lead.*made a share link/s,
      /Alan Author.*revoked a share link/s,
    ]) {
      await expect(rows.filter({ hasText: line }).first()).toBeVisible();
    }
  });
  for (const context of [guest, author.context(), reviewer.context()]) {
    await context.close();
  }
});
