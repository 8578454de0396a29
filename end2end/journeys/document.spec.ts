// The living document: written by two people at once without a word lost, with conflict, history, a draft
// that changes below a text, and figures that follow the evidence.

import { type BrowserContext, type Page } from "@playwright/test";
import { open, petshop, story } from "../demonstration";
import { expect, test } from "../watched";

// One journey after the other: they write into the same report.
test.describe.configure({ mode: "serial" });

async function edit(page: Page, incident: string, section: string): Promise<void> {
  await open(page, `${incident}/report?edit=${section}&form=text`);
  await expect(page.getByTestId("section-text")).toBeVisible();
}

async function saved(page: Page): Promise<void> {
  await expect(page.getByTestId("save-state")).toContainText(/^Saved/);
}

function text(page: Page) {
  return page.getByTestId("section-text");
}

async function section(page: Page, incident: string, id: string) {
  await open(page, `${incident}/report`);
  return page.locator(`[data-testid=doc-section][data-section=${id}]`);
}

async function write(page: Page, incident: string, id: string, words: string): Promise<void> {
  await edit(page, incident, id);
  await text(page).fill(words);
  await saved(page);
}

test("two people write one section at the same time", async ({ page, browser, baseURL, watch }) => {
  // A dozen reports are drawn on the way.
  test.slow();
  const incident = await story(page);
  const context: BrowserContext = await browser.newContext({ baseURL });
  await watch.follow(context);
  const other = await context.newPage();

  await write(page, incident, "contributing", "First paragraph.\n\nSecond paragraph.\n\nThird paragraph.");

  await test.step("both change other lines, and both texts are there", async () => {
    await edit(page, incident, "contributing");
    await edit(other, incident, "contributing");
    await text(page).fill("First, by one.\n\nSecond paragraph.\n\nThird paragraph.");
    await text(other).fill("First paragraph.\n\nSecond paragraph.\n\nThird, by the other.");
    await Promise.all([saved(page), saved(other)]);
    const shown = await section(page, incident, "contributing");
    for (const words of ["First, by one.", "Second paragraph.", "Third, by the other."]) {
      await expect(shown).toContainText(words);
    }
    await expect(shown.getByTestId("conflict")).toHaveCount(0);
  });

  await test.step("the later one sees what the earlier one wrote, and writes on", async () => {
    await edit(page, incident, "contributing");
    await edit(other, incident, "contributing");
    await text(page).fill("First, by one.\n\nSecond paragraph, by one.\n\nThird, by the other.");
    await saved(page);
    await text(other).fill("First, by one.\n\nSecond paragraph.\n\nThird, by the other.\n\nFourth, by the other.");
    await expect(other.getByTestId("save-state")).toContainText("together with what somebody else wrote");
    await expect(text(other)).toHaveValue(/Second paragraph, by one\.[^]*Fourth, by the other\./);
    await text(other).press("End");
    await text(other).pressSequentially(" Written on.");
    await expect(other.getByTestId("save-state")).toHaveText("Saved");
  });

  await test.step("both change the same line: both texts stay until somebody decides", async () => {
    await edit(page, incident, "contributing");
    await edit(other, incident, "contributing");
    await text(page).fill("Mine.");
    await saved(page);
    await text(other).fill("Theirs.");
    await expect(other.getByTestId("save-state")).toContainText("the same lines");
    await expect(text(other)).toHaveValue(/Mine\.[^]*Theirs\./);
    const shown = await section(page, incident, "contributing");
    await expect(shown).toContainText("Mine.");
    await expect(shown).toContainText("Theirs.");
    await expect(shown.getByTestId("conflict")).toBeVisible();
    await edit(other, incident, "contributing");
    await text(other).fill("Ours.");
    await saved(other);
    await expect((await section(page, incident, "contributing")).getByTestId("conflict")).toHaveCount(0);
  });

  await test.step("every word is in the history, and can be had again", async () => {
    await (await section(page, incident, "contributing")).getByTestId("section-history").click();
    const history = page.getByTestId("history");
    for (const words of ["Fourth, by the other.", "Mine.", "Theirs.", "Ours."]) {
      await expect(history).toContainText(words);
    }
    await page.locator("details").evaluateAll((all) => all.forEach((details) => details.setAttribute("open", "")));
    await page
      .getByTestId("history-state")
      .filter({ hasText: "First paragraph." })
      .last()
      .getByTestId("section-restore")
      .last()
      .click();
    await expect(page).toHaveURL(new RegExp(`${incident}/report#contributing$`));
    await expect(page.getByTestId("done")).toHaveText("The earlier text stands again.");
    const shown = page.locator("[data-testid=doc-section][data-section=contributing]");
    await expect(shown).toContainText("First paragraph.");
    await expect(shown).not.toContainText("Ours.");
  });
  await context.close();
});

test("the way into the editor leads to the text, with the focus in it", async ({ page }) => {
  const shown = await section(page, await story(page), "summary");
  await shown.getByTestId("section-edit").click();
  await expect(text(page)).toBeFocused();
  await expect(text(page)).toBeInViewport();
  await expect(page.locator("#summary-title")).toBeInViewport();
});

test("figures are references, and one that is gone is marked", async ({ page, request }) => {
  const incident = await story(page);
  await edit(page, incident, "went-well");
  await text(page).fill("It ran out at ");
  await page.getByTestId("figure-picker").locator("summary").click();
  await page.getByLabel("Find a figure").fill("exhausted_at");
  const row = page.locator("[data-figure-row]:visible").filter({ hasText: "credits." }).first();
  const reference = await row.locator("code").innerText();
  await text(page).press("End");
  await row.getByRole("button").click();
  await expect(text(page)).toHaveValue(`It ran out at ${reference}`);
  await text(page).press("End");
  await text(page).pressSequentially(". Kim should have seen {{credits.of_the_moon}}. <b>not markup</b>");
  await saved(page);

  await test.step("the preview underlines what may be worth another look", async () => {
    await page.getByTestId("section-preview").click();
    const preview = page.getByTestId("preview");
    await expect(preview.getByTestId("wording")).toHaveText("should have");
    await expect(preview).toContainText("what could be seen at that time");
    await expect(preview.locator(".report-unresolved")).toContainText("credits.of_the_moon");
    await expect(preview).toContainText("<b>not markup</b>");
  });

  const shown = await section(page, incident, "went-well");
  await expect(shown.locator(".report-figure time").first()).toBeVisible();
  await expect(shown.getByTestId("unresolved")).toContainText("credits.of_the_moon");
  for (const file of ["report.html", "report.md", "report.json"]) {
    // Markdown escapes what could be emphasis.
    const content = (await (await request.get(`${incident}/${file}`)).text()).replaceAll("\\_", "_");
    expect(content, file).toContain("credits.of_the_moon");
    expect(content, file).toContain("It ran out at");
  }
  expect(await (await request.get(`${incident}/report.html`)).text()).toContain("not in the evidence");
});

test("a draft that changes is offered and goes over nobody's words", async ({ page, baseURL }) => {
  const incident = await story(page);
  await write(page, incident, "timeline", "What happened, in our words.");
  // The drafted section lists the notes.
  const note = await page.request.post("/api/save_annotation", {
    form: { incident: incident.split("/").pop() ?? "", start: "2020-05-22 07:15", text: `A note for the draft, ${Date.now()}` },
    headers: { Origin: baseURL ?? "", Accept: "application/json" },
  });
  expect(note.status()).toBe(200);
  let shown = await section(page, incident, "timeline");
  await expect(shown).toContainText("in our words");
  const redraft = shown.getByTestId("redraft");
  await redraft.locator("summary").click();
  await expect(redraft.locator("ins").filter({ hasText: "A note for the draft" }).first()).toBeVisible();
  await redraft.getByTestId("section-keep-text").click();
  shown = page.locator("[data-testid=doc-section][data-section=timeline]");
  await expect(shown.getByTestId("redraft")).toHaveCount(0);
  await expect(shown).toContainText("in our words");
  await shown.locator(".doc-more > summary").click();
  await shown.locator(".doc-more").getByTestId("section-take-draft").click();
  shown = page.locator("[data-testid=doc-section][data-section=timeline]");
  await expect(shown).toContainText("A note for the draft");
});

test("a template decides which sections there are, and takes no words", async ({ page }) => {
  const incident = await petshop(page);
  await write(page, incident, "glossary", "Zombie: a pod that does not go.");
  await open(page, `${incident}/report`);
  await page.getByTestId("template-open").click();
  await page.getByLabel("Which sections it has").selectOption("short");
  await page.getByTestId("template-choose").click();
  await expect(page.locator("[data-testid=doc-section][data-section=what-if]")).toHaveCount(0);
  await expect(page.locator("[data-testid=doc-section][data-section=glossary]")).toContainText("a pod that does not go");
  await page.getByTestId("template-open").click();
  await page.getByLabel("Which sections it has").selectOption("default");
  await page.getByTestId("template-choose").click();
  await expect(page.locator("[data-testid=doc-section][data-section=what-if]")).toHaveCount(1);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a section is written, left out, moved and shown, and the timeline arranged", async ({ page }) => {
    const incident = await petshop(page);
    await page.goto(`${incident}/report?edit=unknown`);
    await page.getByTestId("section-text").fill("Nobody knows.\n\n- one\n- two");
    await page.getByTestId("section-save").click();
    const shown = page.locator("[data-testid=doc-section][data-section=unknown]");
    await expect(shown).toContainText("Nobody knows.");
    await expect(page.getByRole("status")).toContainText("The section is saved.");
    await expect(shown.locator("li").first()).toBeVisible();

    await shown.locator(".doc-more > summary").click();
    await shown.getByTestId("section-up").click();
    const order = () => page.locator("[data-testid=doc-section]").evaluateAll((all) => all.map((e) => e.getAttribute("data-section")));
    const moved = await order();
    expect(moved.indexOf("unknown")).toBeLessThan(moved.indexOf("ruled-out"));
    await page.locator("[data-section=unknown] .doc-more > summary").click();
    await page.locator("[data-testid=doc-section][data-section=unknown]").getByTestId("section-hide").click();
    await expect(page.locator("[data-testid=doc-section][data-section=unknown]")).toHaveCount(0);
    await page.getByTestId("left-out").getByTestId("section-show").first().click();
    await expect(page.locator("[data-testid=doc-section][data-section=unknown]")).toContainText("Nobody knows.");

    await page.goto(`${incident}/report?edit=timeline`);
    const rows = page.getByTestId("timeline-row");
    const count = await rows.count();
    await rows.nth(0).getByRole("checkbox").uncheck();
    await rows.nth(1).getByLabel(/^Words of/).fill("In *other* words.");
    const last = rows.nth(count - 1);
    const window = await page.locator(".report-window time").first().getAttribute("datetime");
    await last.getByLabel(/^Time of/).fill(window ?? "");
    await last.getByLabel(/^Words of/).fill("We called the provider.");
    await page.getByTestId("timeline-save").click();
    const timeline = page.locator("[data-testid=doc-section][data-section=timeline]");
    await expect(timeline).toContainText("In other words.");
    await expect(timeline).toContainText("We called the provider.");
    await expect(timeline.locator("tbody tr")).toHaveCount(count - 1);
  });
});
