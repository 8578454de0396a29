// Bundles through the page: a good one becomes an incident, a broken one an error that says where.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { open } from "../demonstration";
import { expect, test } from "../watched";

// The second counts what the first adds to.
test.describe.configure({ mode: "serial" });

const binary = process.env.LINEUP_BINARY ?? "";
const folder = process.env.LINEUP_TEMPORARY ?? "";

// A bundle that the running demonstration does not hold: another seed, through a database of its own.
function bundle(seed: number): string {
  const work = mkdtempSync(join(folder, "bundle-"));
  const env = { ...process.env, LINEUP_DATABASE: `sqlite:${join(work, "other.db")}` };
  const lineup = (...parameters: string[]) => execFileSync(binary, parameters, { env }).toString().trim();
  lineup("demo", "--seed", String(seed), "-o", join(work, "bundle"));
  const id = lineup("import", join(work, "bundle"));
  lineup("export", id, "-o", join(work, "bundle.zip"));
  return join(work, "bundle.zip");
}

test("a bundle becomes an analysed incident, once", async ({ page }) => {
  const zip = bundle(4711);
  await open(page, "/incidents/new");
  await page.locator("input[type=file][name=bundle]").setInputFiles(zip);
  await page.locator("form", { has: page.locator("input[name=bundle]") }).locator("[type=submit]").click();
  await expect(page).toHaveURL(/\/incidents\/(?!new)[^/]+$/);
  await expect(page.getByTestId("suspect").first()).toBeVisible();
  const first = page.url();

  await open(page, "/incidents/new");
  await page.locator("input[type=file][name=bundle]").setInputFiles(zip);
  await page.locator("form", { has: page.locator("input[name=bundle]") }).locator("[type=submit]").click();
  await expect(page).toHaveURL(first);
});

test("a broken bundle is refused with its reason, and nothing is stored", async ({ page, watch, baseURL }) => {
  const whole = readFileSync(bundle(4712));
  const broken = join(folder, "broken.zip");
  writeFileSync(broken, whole.subarray(0, whole.length / 2));

  await open(page, "/incidents");
  const before = await page.getByTestId("incident-link").count();

  watch.expectRefusal(new URL("/import", baseURL).href);
  await open(page, "/incidents/new");
  await page.locator("input[type=file][name=bundle]").setInputFiles(broken);
  await page.locator("form", { has: page.locator("input[name=bundle]") }).locator("[type=submit]").click();
  await expect(page.getByRole("alert")).toContainText(/zip|bundle/i);

  await open(page, "/incidents");
  await expect(page.getByTestId("incident-link")).toHaveCount(before);
});
