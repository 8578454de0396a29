// The journeys run against one `lineup serve --demo` with a database of its own, on a free port.
// scripts/end2end.sh builds the binary, finds the browser and sets LINEUP_BINARY and CHROMIUM.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { defineConfig } from "@playwright/test";

// Playwright reads this file once more in each of its workers: what is drawn here once is handed on
// in the environment.
function once(name: string, draw: () => string): string {
  return (process.env[name] ??= draw());
}

const freePort = `
  const server = require("node:net").createServer();
  server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); });`;
const port = once("LINEUP_PORT", () => execFileSync(process.execPath, ["-e", freePort]).toString().trim());
const folder = once("LINEUP_TEMPORARY", () => mkdtempSync(join(tmpdir(), "lineup-end2end-")));
const binary = once("LINEUP_BINARY", () => resolve("../target/release/lineup"));
// What the journeys tell the server by its hooks.
const token = once("LINEUP_HOOK_TOKEN", () => randomBytes(32).toString("hex"));
const config = join(folder, "lineup.toml");
writeFileSync(
  config,
  `[[hooks.tokens]]\nname = "journeys"\nsha256 = "${createHash("sha256").update(token).digest("hex")}"\n`,
);
const baseURL = `http://127.0.0.1:${port}`;
// A second server, with accounts and a database of its own.
const peoplePort = once("LINEUP_PEOPLE_PORT", () => execFileSync(process.execPath, ["-e", freePort]).toString().trim());
const peopleConfig = once("LINEUP_PEOPLE_CONFIG", () => join(folder, "people.toml"));
const peopleDatabase = once("LINEUP_PEOPLE_DATABASE", () => `sqlite:${join(folder, "people.db")}`);
writeFileSync(peopleConfig, "[people]\non = true\n");

const executablePath = process.env.CHROMIUM;
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function served(port: string, config: string, database: string) {
  return {
    command: `"${binary}" serve --demo --listen 127.0.0.1:${port}`,
    env: { ...process.env, LINEUP_CONFIG: config, LINEUP_DATABASE: database } as Record<string, string>,
    url: `http://127.0.0.1:${port}/healthz`,
    timeout: 120_000,
    stdout: "pipe" as const,
    gracefulShutdown: { signal: "SIGTERM" as const, timeout: 5_000 },
  };
}

export default defineConfig({
  outputDir: "test-results",
  globalTeardown: "./teardown.ts",
  fullyParallel: true,
  forbidOnly: process.env.CI !== undefined,
  // All journeys write to the same incidents, and a page that is open follows what others write.
  workers: 1,
  reporter: "list",
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL,
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    trace: "retain-on-failure",
    launchOptions: { executablePath, args: flags },
  },
  projects: [
    { name: "journeys", testDir: "journeys" },
    { name: "screenshots", testDir: "screenshots" },
    {
      name: "snapshots",
      testDir: "snapshots",
      snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
      // Fonts are drawn a little differently from one Chromium to the next.
      expect: { toHaveScreenshot: { maxDiffPixelRatio: 0.01, threshold: 0.25 } },
      use: { launchOptions: { executablePath, args: [...flags, "--font-render-hinting=none", "--disable-lcd-text"] } },
    },
  ],
  webServer: [
    served(port, config, `sqlite:${join(folder, "lineup.db")}`),
    served(peoplePort, peopleConfig, peopleDatabase),
  ],
});
