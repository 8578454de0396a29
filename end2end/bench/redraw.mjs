// Zoom and pan of twenty lanes in sight, by trace; and what stays in the heap.

import { setTimeout as pause } from "node:timers/promises";

import { VIEWPORT, freshPage } from "./browser.mjs";
import { play, wayTo } from "./gestures.mjs";
import { redraws, traced } from "./trace.mjs";

// As much room as twenty lanes may need to be in sight at once.
const TALLEST = 8_000;

const STEPS = 72;
const CLOSER = 6;
const MINUTE = 60_000;

async function openDrawn(browser, url) {
  const opened = await freshPage(browser);
  const { page } = opened;
  await page.goto(url, { waitUntil: "load" });
  await page.locator("[data-lane] canvas").first().waitFor({ timeout: 8_000 }).catch(() => undefined);
  await page.locator("[data-incident][aria-busy=true]").waitFor({ state: "detached", timeout: 20_000 }).catch(() => undefined);
  // As high as the lanes: all of them are in sight, and redrawn.
  const bottom = await page.evaluate(() =>
    [...document.querySelectorAll("[data-lane]")].reduce((low, lane) => Math.max(low, lane.getBoundingClientRect().bottom + scrollY), 0),
  );
  await page.setViewportSize({ width: VIEWPORT.width, height: Math.min(TALLEST, Math.max(VIEWPORT.height, Math.ceil(bottom))) });
  await page.waitForTimeout(2_000);
  return opened;
}

// How many of the lanes drawn by the browser are in sight.
function inSight(page) {
  return page.evaluate(() => {
    const seen = (box) => box.width > 0 && box.height > 0 && box.top < innerHeight && box.bottom > 0;
    const lanes = document.querySelectorAll("[data-lane]:has(canvas)");
    return [...lanes].filter((lane) => seen(lane.getBoundingClientRect())).length;
  });
}

// The redraws of the page at `url` for a gesture; empty where it answers to none.
export async function redrawTimes(browser, url, gesture) {
  const { page, cdp, close } = await openDrawn(browser, url);
  try {
    // The whole window leaves no room to pan.
    const closer = gesture === "pan" ? await wayTo("zoom", page, cdp) : undefined;
    if (closer !== undefined) {
      await play(page, cdp, closer, CLOSER);
    }
    const way = await wayTo(gesture, page, cdp);
    if (way === undefined) {
      return { lanes: await inSight(page), frames: [] };
    }
    const events = await traced(browser, page, () => play(page, cdp, way, STEPS));
    return { lanes: await inSight(page), way: way.name, frames: redraws(events, way.type) };
  } finally {
    await close();
  }
}

// Bytes of JavaScript's heap with what it holds outside, the module's memory included, after a collection.
async function heap(page, cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await cdp.send("Runtime.getHeapUsage");
  const module = await page.evaluate(() => window.bench.memory?.buffer.byteLength ?? 0);
  return { total: usedSize + embedderHeapUsedSize + Math.max(backingStorageSize, module), module };
}

// The heap before, and after `minutes` of zooming without a rest; `after` is undefined where the page
// answers to no zooming.
export async function heapAfter(browser, url, minutes) {
  const { page, cdp, close } = await openDrawn(browser, url);
  try {
    await cdp.send("HeapProfiler.enable");
    const way = await wayTo("zoom", page, cdp);
    const before = await heap(page, cdp);
    if (way === undefined) {
      return { before };
    }
    const until = performance.now() + minutes * MINUTE;
    while (performance.now() < until) {
      await play(page, cdp, way, 12);
    }
    await pause(1_000);
    return { before, after: await heap(page, cdp) };
  } finally {
    await close();
  }
}
