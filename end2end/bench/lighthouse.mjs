// Lighthouse with its preset for desktops: the median of several runs for each page.

import lighthouse, { desktopConfig } from "lighthouse";

import { launch } from "./browser.mjs";
import { freePort } from "./server.mjs";
import { median } from "./statistics.mjs";

export const CATEGORIES = { performance: "performance", accessibility: "accessibility", "best-practices": "best practices" };

// A run that Lighthouse itself could not record (it says "Please run Lighthouse again") is made again.
const ATTEMPTS = 3;

async function run(url, left = ATTEMPTS) {
  // A browser of its own each time: no cache, no other tab.
  const port = await freePort();
  const browser = await launch(`--remote-debugging-port=${port}`);
  try {
    const flags = { port, logLevel: "error", onlyCategories: Object.keys(CATEGORIES) };
    const { lhr } = await lighthouse(url, flags, desktopConfig);
    if (lhr.runtimeError === undefined) {
      return lhr;
    }
    if (left <= 1) {
      throw new Error(`${url}: ${lhr.runtimeError.message}`);
    }
  } finally {
    await browser.close();
  }
  return run(url, left - 1);
}

// Median scores from 0 to 100 by category, and what keeps a page from the full score.
export async function scores(url, runs) {
  const taken = Object.fromEntries(Object.keys(CATEGORIES).map((name) => [name, []]));
  const failed = new Set();
  for (let made = 0; made < runs; made += 1) {
    const lhr = await run(url);
    for (const [name, list] of Object.entries(taken)) {
      list.push(lhr.categories[name].score * 100);
      for (const { id, weight } of lhr.categories[name].auditRefs) {
        const { score, title } = lhr.audits[id];
        if (weight > 0 && score !== null && score < 0.9) {
          failed.add(`${id}: ${title}`);
        }
      }
    }
  }
  return { scores: Object.fromEntries(Object.entries(taken).map(([name, list]) => [name, median(list)])), failed: [...failed] };
}
