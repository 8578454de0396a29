// The report as a file: opens from the disk, with no server behind it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, test as base } from "@playwright/test";

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

test("Markdown, JSON and the bundle come with their types", async ({ page, request }) => {
  const incident = await story(page);
  for (const [name, type] of [
    ["report.md", /^text\/markdown/],
    ["report.json", /^application\/json/],
    ["bundle.zip", /^application\/zip/],
  ] as const) {
    const answer = await request.get(`${incident}/${name}`);
    expect(answer.status(), name).toBe(200);
    expect(answer.headers()["content-type"], name).toMatch(type);
  }
});
