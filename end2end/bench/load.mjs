// The first visit: paint, readiness, bytes over the wire.

import { freshPage } from "./browser.mjs";

// How long a mark may take before it counts as not reached.
const PATIENCE_MS = 8_000;

// One visit with an empty cache. Times in ms since the navigation began, undefined where not reached.
export async function visit(browser, url) {
  const { page, cdp, close } = await freshPage(browser);
  const files = new Map();
  await cdp.send("Network.enable");
  cdp.on("Network.responseReceived", ({ requestId, response }) => {
    const { pathname, protocol } = new URL(response.url);
    if (protocol === "http:") {
      files.set(requestId, { path: pathname, bytes: 0 });
    }
  });
  cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const file = files.get(requestId);
    if (file !== undefined) {
      file.bytes = encodedDataLength;
    }
  });
  try {
    await page.goto(url, { waitUntil: "load" });
    // Live pages keep a stream open, and a page that is still without canvas never gets one.
    const reached = (name) =>
      page.waitForFunction((mark) => mark in window.bench.marks, name, { timeout: PATIENCE_MS, polling: 50 }).catch(() => undefined);
    await reached("hydrated");
    if ((await page.locator("[data-lane]").count()) > 0) {
      await reached("canvas");
    }
    await page.waitForTimeout(500);
    const times = await page.evaluate(() => ({
      painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
      ...window.bench.marks,
    }));
    const all = [...files.values()];
    const bytes = (test) => all.filter(({ path }) => test(path)).reduce((sum, file) => sum + file.bytes, 0);
    return { ...times, transferred: bytes(() => true), module: bytes((path) => path.endsWith(".wasm")) };
  } finally {
    await close();
  }
}
