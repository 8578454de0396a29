// Zooming and panning by the mouse, as far as the page answers to it.

const PAUSE_MS = 120;

// How long a page may take to show that it was turned.
const PATIENCE_MS = 2_400;

// Ways to ask for it, the first that changes the view counts. `way` is 1 or -1: in and out, on and back.
const WAYS = {
  zoom: [
    { name: "wheel", type: "wheel", move: (way) => ({ deltaY: -120 * way }) },
    { name: "Ctrl and wheel", type: "wheel", move: (way) => ({ deltaY: -120 * way, modifiers: 2 }) },
  ],
  pan: [
    { name: "wheel sideways", type: "wheel", move: (way) => ({ deltaX: 80 * way }) },
    { name: "Shift and wheel", type: "wheel", move: (way) => ({ deltaY: 80 * way, modifiers: 8 }) },
  ],
};

export async function turn(cdp, at, move) {
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseWheel", deltaX: 0, deltaY: 0, modifiers: 0, ...at, ...move });
}

// What is drawn now, as short as it can be told.
function view(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector("[data-lane] canvas");
    const copy = new OffscreenCanvas(canvas?.width || 1, canvas?.height || 1).getContext("2d");
    if (canvas?.width) copy.drawImage(canvas, 0, 0);
    const pixels = copy.getImageData(0, 0, copy.canvas.width, copy.canvas.height).data;
    let hash = 0;
    for (let i = 0; i < pixels.length; i += 1) {
      hash = (Math.imul(hash, 31) + pixels[i]) | 0;
    }
    return `${location.href} ${hash}`;
  });
}

// The middle of the first lane that is drawn by the browser; undefined where there is none.
export async function middle(page) {
  const box = await page.locator("[data-lane] canvas").first().boundingBox({ timeout: 1_000 }).catch(() => null);
  return box === null ? undefined : { x: Math.round(box.x + box.width * 0.55), y: Math.round(box.y + box.height / 2) };
}

// The way to `zoom` or `pan` that this page answers to.
export async function wayTo(gesture, page, cdp) {
  const at = await middle(page);
  if (at === undefined) {
    return undefined;
  }
  await cdp.send("Input.dispatchMouseEvent", { type: "mouseMoved", ...at });
  for (const way of WAYS[gesture]) {
    await page.waitForTimeout(PAUSE_MS);
    const before = await view(page);
    await turn(cdp, at, way.move(1));
    let after = before;
    for (let waited = 0; after === before && waited < PATIENCE_MS; waited += PAUSE_MS) {
      await page.waitForTimeout(PAUSE_MS);
      after = await view(page);
    }
    await turn(cdp, at, way.move(-1));
    await page.waitForTimeout(4 * PAUSE_MS);
    if (after !== before) {
      return { ...way, at };
    }
  }
  return undefined;
}

// `count` steps, a few in and a few out again, at the pace of a hand.
export async function play(page, cdp, { at, move }, count) {
  for (let i = 0; i < count; i += 1) {
    await turn(cdp, at, move(i % 12 < 6 ? 1 : -1));
    await page.waitForTimeout(PAUSE_MS);
  }
}
