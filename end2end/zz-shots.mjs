import { chromium } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
const port = 18478, dir = mkdtempSync("/tmp/shots-");
const server = spawn("/tmp/lineup-hands", ["serve", "--demo", "--listen", `127.0.0.1:${port}`], { env: { ...process.env, LINEUP_DATABASE: `sqlite:${dir}/l.db` }, stdio: "ignore" });
try {
const base = `http://127.0.0.1:${port}`;
for (let i = 0; i < 900; i++) { try { if ((await fetch(base + "/healthz")).ok) break; } catch {} await new Promise((r) => setTimeout(r, 300)); }
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
for (const [name, viewport, colorScheme, touch] of [["light", { width: 1440, height: 1100 }, "light"], ["dark", { width: 1440, height: 1100 }, "dark"], ["phone", { width: 390, height: 844 }, "light", true]]) {
  const page = await browser.newPage({ viewport, colorScheme, hasTouch: !!touch, isMobile: !!touch });
  page.on("console", (m) => m.type() === "error" && console.log(name, m.text()));
  await page.goto(base + "/incidents");
  const link = await page.getByTestId("incident-link").filter({ hasText: /slow sites/i }).first().getAttribute("href");
  await page.goto(base + link);
  await page.waitForSelector("[data-alive]", { state: "attached", timeout: 60000 });
  await page.getByTestId("lane").first().scrollIntoViewIfNeeded();
  await page.waitForTimeout(2500);
  const lane = page.getByTestId("lane").filter({ hasText: /Burst credit balance/ }).first();
  await lane.scrollIntoViewIfNeeded(); await page.waitForTimeout(1500);
  await lane.locator(".pictures").focus();
  await page.keyboard.press("t"); await page.waitForTimeout(1200);
  await page.keyboard.press("PageUp"); await page.waitForTimeout(1500);
  await lane.evaluate((e) => e.scrollIntoView({ block: "center" })); await page.waitForTimeout(800);
  await page.screenshot({ path: `/tmp/shot-alarm-${name}.png` });
  await lane.getByTestId("alarm-take").locator("summary").first().click(); await page.waitForTimeout(500);
  if (name !== "dark") await page.screenshot({ path: `/tmp/shot-take-${name}.png` });
  const nodes = page.locator("#lane-nodes"); 
  if (await nodes.count()) { await nodes.scrollIntoViewIfNeeded(); await page.waitForTimeout(1500); await nodes.screenshot({ path: `/tmp/shot-nodes-${name}.png` }); }
  if (name === "light") {
    await page.getByTestId("lane").nth(1).locator("[data-menu]").click(); await page.getByRole("menuitem", { name: "Pin to the top" }).click(); await page.waitForTimeout(800);
    await nodes.scrollIntoViewIfNeeded(); await page.waitForTimeout(800);
    await page.screenshot({ path: `/tmp/shot-pin-${name}.png` });
  }
  const form = page.getByTestId("annotation-form");
  await form.locator("[name=start]").fill("2020-05-22 07:15"); await form.locator("[name=text]").fill("Pager went off because of @Burst credit balance");
  await form.getByRole("button", { name: "Mention…" }).click(); await page.waitForTimeout(800);
  if (name !== "dark") await page.screenshot({ path: `/tmp/shot-mention-${name}.png` });
  await page.locator("#palette-list [role=option]").first().click(); await form.getByTestId("annotation-save").click(); await page.waitForTimeout(2500);
  await page.getByTestId("annotation").first().getByTestId("annotation-edit").click(); await page.waitForTimeout(500);
  await page.getByTestId("annotation").first().scrollIntoViewIfNeeded();
  await page.screenshot({ path: `/tmp/shot-notes-${name}.png` });
  await page.close();
}
await browser.close();
} finally { server.kill(); }
