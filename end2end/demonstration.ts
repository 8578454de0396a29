// Where things are in the demonstration.

import { expect, type Locator, type Page } from "@playwright/test";

// Words of its title; see crates/simulate.
const STORY = /slow sites since 03:00/i;

// Within its window, as the page's form takes it.
const MOMENT = "2020-05-22 07:15";

// The form for a pull with its price: the address is the form, and nobody is asked yet.
export const PRICED =
  "/incidents/new?title=Slow&start=2026-11-20+00:00&end=2026-11-22+06:00&region=eu-west-1" +
  "&resources%5Befs%5D=fs-0123456789abcdef0&resources%5Bcontainer-insights%5D=shop";

// A window of its own: without one the page looks back from now.
export const EXPLORED = "/explore?start=2020-05-22+00:00&end=2020-05-22+06:00";

// Goes to `path` and waits until the page answers to clicks, not only looks as if.
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

// Waits until the browser's module has taken the page over, where it has one; watched.ts notes when.
async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => "hydrated" in window || document.querySelector("link[rel=modulepreload]") === null);
}

async function path(link: Locator): Promise<string> {
  const path = await link.getAttribute("href");
  expect(path).toMatch(/^\/incidents\/[^/]+$/);
  return path ?? "";
}

// The path of the incident of the story: the zombies that end with the credits at zero.
export async function story(page: Page): Promise<string> {
  await page.goto("/incidents");
  return path(page.getByTestId("incident-link").filter({ hasText: STORY }).first());
}

// The path of the incident in which the zombies come back. The journey that hides names shares it.
export async function recurrence(page: Page): Promise<string> {
  await page.goto("/incidents");
  return path(page.getByTestId("incident-link").filter({ hasText: /slow sites again/i }).first());
}

// The path of the real incident beside the simulated ones. Journeys that leave something behind which
// another counts leave it here.
export async function petshop(page: Page): Promise<string> {
  await page.goto("/incidents");
  return path(page.getByTestId("incident-link").filter({ hasText: /petshop/i }).first());
}

// Adds a note to the incident of the story, whose page is open.
export async function addNote(page: Page, text: string): Promise<void> {
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=start]").fill(MOMENT);
  await form.locator("[name=text]").fill(text);
  await form.getByTestId("annotation-save").click();
  await expect(page.getByTestId("annotation").filter({ hasText: text })).toHaveCount(1);
}

// The pages that pictures are kept of, by name; leaves the page on a report. `shared` is the incident that
// the share link is made of, the story's where none is named.
export async function mainPages(page: Page, shared?: string): Promise<Record<string, string>> {
  const incident = await story(page);
  return {
    home: "/",
    incidents: "/incidents",
    incident,
    report: `${incident}/report`,
    share: await createShare(page, shared ?? incident),
    sources: "/sources",
    explore: EXPLORED,
    "new-incident": PRICED,
  };
}

// Opens the report of an incident that has something in the history of a section, and gives the pages that
// are about one: its history, its editor, the editor of the timeline row by row, and two versions compared.
async function pagesOfASection(page: Page, incident: string): Promise<string[]> {
  const SECTION = "went-well";
  const history = `${incident}/report/history/${SECTION}`;
  await page.goto(history);
  if ((await page.getByTestId("history-state").count()) === 0) {
    for (const words of ["It was noticed, and a long_name_without_any_place_to_break_it/in/two.", "It was noticed at once."]) {
      await page.goto(`${incident}/report?edit=${SECTION}`);
      await page.getByTestId("section-text").fill(words);
      await page.getByTestId("section-save").click();
      await expect(page.getByTestId("done")).toHaveText("The section is saved.");
    }
  }
  await page.goto(`${incident}/review`);
  if ((await page.getByTestId("version").count()) === 0) {
    await page.getByTestId("review-ask").click();
    await page.getByTestId("review-withdraw").click();
    await expect(page.getByTestId("done")).toHaveText("The report is a draft again.");
  }
  return [history, `${incident}/report?edit=${SECTION}`, `${incident}/report?edit=timeline`, `${incident}/review?from=1`];
}

// One page of each kind. The journey of sharing counts the links of the story's incident: none is made there.
export async function oneOfEach(page: Page): Promise<string[]> {
  const shared = await petshop(page);
  const others = ["review", "activity", "share", "what-if", "back-test"].map((of) => `${shared}/${of}`);
  return [
    ...Object.values(await mainPages(page, shared)),
    "/incidents/new",
    "/actions",
    ...others,
    ...(await pagesOfASection(page, shared)),
  ];
}

// Every page of the application, a shared one included: it makes a link for that.
export async function everyPage(page: Page): Promise<string[]> {
  const shared = await petshop(page);
  const share = await createShare(page, shared);
  const ofASection = await pagesOfASection(page, shared);
  await page.goto("/incidents");
  const links = await page.getByTestId("incident-link").all();
  const paths = [...new Set(await Promise.all(links.map(path)))];
  expect(paths.length).toBeGreaterThanOrEqual(3);
  return [
    "/",
    "/incidents",
    "/incidents/new",
    PRICED,
    "/explore",
    "/sources",
    "/actions",
    ...paths,
    `${paths[0]}/share`,
    ...["report", "review", "activity"].flatMap((page) => paths.map((path) => `${path}/${page}`)),
    ...["what-if", "back-test"].map((page) => `${paths[0]}/${page}`),
    ...ofASection,
    share,
  ];
}

// Creates a share link for the incident at `path` and gives its path; leaves the page where links are made.
export async function createShare(page: Page, path: string): Promise<string> {
  await open(page, `${path}/report`);
  // Open already where the report has links.
  const create = page.getByTestId("share-create");
  if (!(await create.isVisible())) {
    await page.getByTestId("share-open").click();
  }
  await create.click();
  const field = page.getByTestId("share-url");
  await expect(field).toBeVisible();
  const url = await field.evaluate((element) =>
    element instanceof HTMLInputElement ? element.value : (element.getAttribute("href") ?? element.textContent ?? ""),
  );
  const { pathname } = new URL(url, page.url());
  expect(pathname).toMatch(/^\/s\/[A-Za-z0-9_-]{22,}$/);
  return pathname;
}
