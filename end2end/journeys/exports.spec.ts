// The report as a file: opens from the disk, with no server behind it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type BrowserContext, type Page } from "@playwright/test";

import { story } from "../demonstration";

const test = base;
const folder = process.env.LINEUP_TEMPORARY ?? "";

test("the HTML report stands alone", async ({ page, request, browser }) => {
  const incident = await story(page);
  const answer = await request.get(`${incident}/report.html`);
  expect(answer.ok()).toBe(true);
  const file = join(folder, "report.html");
  writeFileSync(file, await answer.body());

  const context = await browser.newContext({ offline: true });
  const complaints: string[] = [];
  context.on("console", (message) => complaints.push(message.text()));
  context.on("request", (asked) => {
    if (!/^(file|data|blob):/.test(asked.url())) {
      complaints.push(asked.url());
    }
  });
  const alone = await context.newPage();
  await alone.goto(pathToFileURL(file).href);
  await expect(alone.locator("svg").first()).toBeVisible();
  await expect(alone.getByText(/simulat/i).first()).toBeVisible();
  for (const width of [1440, 390]) {
    await alone.setViewportSize({ width, height: 900 });
    const [scroll, client] = await alone.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect(scroll, `${width} pixels`).toBeLessThanOrEqual(client);
  }
  expect(complaints).toEqual([]);
  await context.close();
});

// The report as a file in a browser without a network, and what the browser complains of.
async function alone(page: Page, context: BrowserContext, name: string): Promise<{ report: Page; complaints: string[] }> {
  const answer = await page.request.get(`${await story(page)}/report.html`);
  const file = join(folder, name);
  writeFileSync(file, await answer.body());
  const complaints: string[] = [];
  context.on("console", (message) => complaints.push(message.text()));
  context.on("request", (asked) => {
    if (!asked.url().startsWith("file:")) {
      complaints.push(asked.url());
    }
  });
  const report = await context.newPage();
  report.on("pageerror", (error) => complaints.push(error.message));
  await report.goto(pathToFileURL(file).href);
  return { report, complaints };
}

test("its charts answer without a network", async ({ page, browser }) => {
  // A large page, which axe reads twice.
  test.setTimeout(180_000);
  const context = await browser.newContext({ offline: true, viewport: { width: 1200, height: 900 } });
  const { report, complaints } = await alone(page, context, "alive.html");
  const chart = report.locator(".report-live").first();

  await test.step("the crosshair says exact values and times in UTC", async () => {
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await report.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6);
    const reading = report.getByTestId("reading").first();
    await expect(reading).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC · .+: [\d.,]+ \w+ at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    // The value is a sample of the evidence, to the last digit.
    const [, label, value, at] = /· (.+?): ([\d.,]+) \w+ at (.+?) UTC/.exec((await reading.textContent())!)!;
    const ms = Date.parse(`${at!.replace(" ", "T")}Z`);
    const found = await report.evaluate(([label, ms]) => {
      const { lanes } = JSON.parse(document.getElementById("lineup-lanes")!.textContent!);
      const curve = lanes.flatMap((lane: any) => lane.curves ?? []).find((curve: any) => curve.label === label);
      let now = 0;
      const index = curve.t.findIndex((step: number) => (now += step) === ms);
      return curve.v[index];
    }, [label, ms] as const);
    expect(Number(value!.replaceAll(",", ""))).toBe(found);
    const crosses = await report.getByTestId("cross").evaluateAll((all) => new Set(all.map((c) => (c as HTMLElement).style.left)).size);
    expect(crosses, "one instant in all charts").toBe(1);
  });

  await test.step("dragging zooms, and a button leads back", async () => {
    const view = report.getByTestId("view");
    const whole = (await view.textContent())!;
    const box = (await chart.boundingBox())!;
    await report.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.6);
    await report.mouse.down();
    await report.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.6);
    await report.mouse.up();
    await expect(view).not.toHaveText(whole);
    await expect(chart.locator("> svg")).toBeVisible();
    await report.getByRole("button", { name: "Whole window" }).click();
    await expect(view).toHaveText(whole);
  });

  await test.step("keys do the same", async () => {
    await chart.focus();
    await report.keyboard.press("ArrowLeft");
    await report.keyboard.press("+");
    await expect(report.getByRole("button", { name: "Zoom out" })).toBeEnabled();
    await report.keyboard.press("0");
    await expect(report.getByRole("button", { name: "Zoom out" })).toBeDisabled();
  });

  await test.step("a figure leads to its evidence", async () => {
    const figure = report.locator("a.report-figure").first();
    const row = report.locator((await figure.getAttribute("href"))!);
    await expect(row).toBeHidden();
    await figure.click();
    await expect(row).toBeVisible();
    const evidence = report.locator("tr[id^=report-figure-] a[data-evidence]").first();
    const lane = (await evidence.getAttribute("href"))!;
    await evidence.click();
    await expect(report.locator(`[id="${lane.slice(1)}"]`)).toBeInViewport();
  });

  await test.step("axe finds nothing", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await report.emulateMedia({ colorScheme });
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await new AxeBuilder({ page: report }).options({ resultTypes: ["violations"] }).setLegacyMode(true).withTags(tags).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`)).toEqual([]);
    }
  });
  expect(complaints).toEqual([]);
  await context.close();
});

test("without scripts it is complete all the same", async ({ page, browser }) => {
  const context = await browser.newContext({ offline: true, javaScriptEnabled: false });
  const { report } = await alone(page, context, "still.html");
  await expect(report.locator(".report-chart svg").first()).toBeVisible();
  await expect(report.locator(".report-live")).toHaveCount(0);
  await report.locator("summary", { hasText: "Show all figures" }).click();
  await expect(report.locator("tr[id^=report-figure-]").first()).toBeVisible();
  await context.close();
});

test("Markdown, PDF, JSON and the bundle come with their types", async ({ page, request }) => {
  const incident = await story(page);
  for (const [name, type] of [
    ["report.md", /^text\/markdown/],
    ["report.md.zip", /^application\/zip/],
    ["report.pdf", /^application\/pdf/],
    ["report.json", /^application\/json/],
    ["bundle.zip", /^application\/zip/],
  ] as const) {
    const answer = await request.get(`${incident}/${name}`);
    expect(answer.status(), name).toBe(200);
    expect(answer.headers()["content-type"], name).toMatch(type);
  }
});
