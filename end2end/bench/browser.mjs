// Chromium as it is measured: software raster, nothing in the background, a cold cache for each context.

import { chromium } from "@playwright/test";

export const VIEWPORT = { width: 1440, height: 900 };

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch(...flags) {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: [...FLAGS, ...flags] });
}

// Runs in the page before all of its own scripts. `hydrated` is when the browser's module has taken the
// page over: by the page's own mark where it sets one, else the turn after the module was instantiated.
// `canvas` is when the first lane is drawn by the browser. Milliseconds since the navigation began.
function noteMarks() {
  const bench = { marks: {}, memory: undefined };
  Object.assign(window, { bench });
  const note = (name) => {
    bench.marks[name] ??= performance.now();
  };
  const instantiate = WebAssembly.instantiateStreaming.bind(WebAssembly);
  WebAssembly.instantiateStreaming = async (source, imports) => {
    const module = await instantiate(source, imports);
    bench.memory = Object.values(module.instance.exports).find((value) => value instanceof WebAssembly.Memory);
    setTimeout(() => note("hydrated"));
    return module;
  };
  const look = () => {
    if (document.documentElement?.dataset.hydrated !== undefined) {
      note("hydrated");
    }
    if (document.querySelector("[data-lane] canvas") !== null) {
      note("canvas");
    }
  };
  new MutationObserver(look).observe(document, { attributes: true, attributeFilter: ["data-hydrated"], childList: true, subtree: true });
}

// A page with an empty cache and the marks.
export async function freshPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: VIEWPORT, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  await context.addInitScript(noteMarks);
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  return { page, cdp, close: () => context.close() };
}
