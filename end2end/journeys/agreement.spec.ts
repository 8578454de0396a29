// The server's picture of a lane and the browser's drawing of it agree: every stroke and every shape of one has
// its like in the other, within a pixel. Texts excepted, whose widths come from the typeface.
// The windows are short enough for every sample to be drawn. Of longer ones each side draws the lowest and highest
// sample of columns of its own: crates/chart/tests/positions.rs and slices.rs hold those to each other.
//
// The module tells no positions: they are read off where they arrive. A canvas gets its strokes and shapes through
// the browser's 2D context, whose calls are written down here before the page's script runs; the server's stand in
// its SVG, which stays in the page. At four device pixels to one of CSS both count in the same units (see
// `chart::svg`), and at 960 pixels both have the same size.

import type { Page } from "@playwright/test";

import { open, story } from "../demonstration";
import { drawn } from "../lanes";
import { expect, test } from "../watched";

test.use({ deviceScaleFactor: 4, viewport: { width: 1440, height: 1000 }, colorScheme: "light", trace: "off" });

// Runs in the page: what is drawn on each canvas since it was cleared last. It is drawn out of the page.
function writeDown(): void {
  type Part = { colour: string; filled: boolean; lines: number[][] };
  type Context = OffscreenCanvasRenderingContext2D;
  const drawnOn = new WeakMap<HTMLCanvasElement, OffscreenCanvas>();
  const parts = new WeakMap<OffscreenCanvas, Part[]>();
  const paths = new WeakMap<Context, number[][]>();
  Object.assign(window, {
    partsOf: (canvas: HTMLCanvasElement) => {
      const from = drawnOn.get(canvas);
      return from === undefined ? [] : (parts.get(from) ?? []);
    },
  });
  const transfer = HTMLCanvasElement.prototype.transferControlToOffscreen;
  HTMLCanvasElement.prototype.transferControlToOffscreen = function (this: HTMLCanvasElement): OffscreenCanvas {
    const from = transfer.call(this);
    drawnOn.set(this, from);
    return from;
  };
  const proto = OffscreenCanvasRenderingContext2D.prototype;
  const before = <K extends keyof Context>(name: K, note: (context: Context, args: number[]) => void): void => {
    const own = proto[name] as unknown as (...args: unknown[]) => unknown;
    Object.assign(proto, {
      [name](this: Context, ...args: unknown[]) {
        note(this, args as number[]);
        return own.apply(this, args);
      },
    });
  };
  const path = (context: Context): number[][] => {
    const now = paths.get(context) ?? [];
    paths.set(context, now);
    return now;
  };
  const done = (context: Context, filled: boolean, lines: number[][]): void => {
    const list = parts.get(context.canvas) ?? [];
    list.push({ colour: String(filled ? context.fillStyle : context.strokeStyle), filled, lines: lines.map((line) => [...line]) });
    parts.set(context.canvas, list);
  };
  const box = ([x = 0, y = 0, w = 0, h = 0]: number[]): number[] => [x, y, x + w, y, x + w, y + h, x, y + h, x, y];
  before("clearRect", (context) => parts.set(context.canvas, []));
  before("beginPath", (context) => paths.set(context, []));
  before("moveTo", (context, [x = 0, y = 0]) => path(context).push([x, y]));
  before("lineTo", (context, [x = 0, y = 0]) => path(context).at(-1)?.push(x, y));
  before("rect", (context, args) => path(context).push(box(args)));
  before("arc", (context, [x = 0, y = 0]) => path(context).push([x, y]));
  before("stroke", (context) => done(context, false, path(context)));
  before("fill", (context) => done(context, true, path(context)));
  before("fillRect", (context, args) => done(context, true, [box(args)]));
}

// Compares all lanes that are drawn; tells of what is further than a pixel from anything of its colour in the other.
async function compare(page: Page): Promise<{ lanes: number; points: number; off: string[] }> {
  return page.evaluate(() => {
    const UNIT = 4;
    // A pixel, and half of the width of a stroke, which a canvas puts on the middle of pixels.
    const NEAR = UNIT + 0.75;
    type Group = Map<string, number[][]>;
    const put = (to: Group, key: string, line: number[]): void => {
      to.set(key, [...(to.get(key) ?? []), line]);
    };
    const hex = (colour: string): string => {
      const channels = /^rgba?\((\d+), ?(\d+), ?(\d+)/.exec(colour);
      return channels === null ? colour : `#${channels.slice(1, 4).map((c) => Number(c).toString(16).padStart(2, "0")).join("")}`;
    };
    const ofCanvas = (canvas: HTMLCanvasElement): Group => {
      const out: Group = new Map();
      const { partsOf } = window as unknown as { partsOf: (of: HTMLCanvasElement) => { colour: string; filled: boolean; lines: number[][] }[] };
      for (const { colour, filled, lines } of partsOf(canvas)) {
        lines.forEach((line) => put(out, `${filled ? "fill" : "stroke"} ${hex(colour)}`, line));
      }
      return out;
    };
    const ofPath = (d: string): number[][] =>
      d
        .replace(/z$/, "")
        .split("M")
        .filter((run) => run !== "")
        .map((run) => {
          const numbers = run.replace(/l/, " ").replace(/-/g, " -").trim().split(/\s+/).map(Number);
          let [x, y] = [0, 0];
          return numbers.map((step, i) => (i % 2 === 0 ? (x += step) : (y += step)));
        });
    const ofSvg = (svg: SVGElement): Group => {
      const out: Group = new Map();
      for (const element of svg.querySelectorAll("path, rect, circle")) {
        const of = (name: string): number => Number(element.getAttribute(name));
        const filled = element.getAttribute("fill") !== "none";
        const paint = element.getAttribute(filled ? "fill" : "stroke") ?? "";
        const key = `${filled ? "fill" : "stroke"} ${/#[0-9a-f]{6}/.exec(paint)?.[0]}`;
        if (element.matches("rect")) {
          const [x, y, w, h] = [of("x"), of("y"), of("width"), of("height")];
          put(out, key, [x, y, x + w, y, x + w, y + h, x, y + h, x, y]);
        } else if (element.matches("circle")) {
          put(out, key, [of("cx"), of("cy")]);
        } else {
          ofPath(element.getAttribute("d") ?? "").forEach((line) => put(out, key, line));
        }
      }
      return out;
    };
    const away = (x: number, y: number, lines: number[][]): number => {
      let least = Infinity;
      for (const line of lines) {
        for (let i = 0; i < line.length; i += 2) {
          const [ax = 0, ay = 0, bx = ax, by = ay] = line.slice(i, i + 4);
          const [dx, dy] = [bx - ax, by - ay];
          const length = dx * dx + dy * dy;
          const part = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
          least = Math.min(least, Math.hypot(ax + part * dx - x, ay + part * dy - y));
          if (least <= 1) {
            return least;
          }
        }
      }
      return least;
    };
    // The area that a dense curve covers has other corners here and there, as each is made of the lowest and the
    // highest sample of columns that begin elsewhere: crates/chart/tests/slices.rs holds them to be the same area.
    const isDense = (key: string, line: number[]): boolean => key.startsWith("fill") && line.length > 40;
    const off: string[] = [];
    let [lanes, points] = [0, 0];
    for (const article of document.querySelectorAll<HTMLElement>(".lanes[data-incident] .lane:not([hidden])")) {
      const canvas = article.querySelector("canvas");
      const svg = article.querySelector<SVGElement>(".picture-wide svg");
      if (canvas === null || svg === null) {
        continue;
      }
      lanes += 1;
      const both = [ofCanvas(canvas), ofSvg(svg)];
      for (const [from, to, name] of [[both[0], both[1], "canvas"], [both[1], both[0], "svg"]] as const) {
        for (const [key, lines] of from ?? []) {
          const like = to?.get(key) ?? [];
          for (const line of lines.filter((line) => !isDense(key, line))) {
            for (let i = 0; i < line.length; i += 2) {
              points += 1;
              const distance = away(line[i] ?? 0, line[i + 1] ?? 0, like);
              if (distance > NEAR) {
                const [x, y] = [(line[i] ?? 0) / UNIT, (line[i + 1] ?? 0) / UNIT];
                off.push(`${article.id}: ${key} of the ${name} at ${x}, ${y} is ${(distance / UNIT).toFixed(2)} pixels off`);
              }
            }
          }
        }
      }
    }
    return { lanes, points, off: off.slice(0, 10) };
  });
}

// Gives every lane the server's width, and waits until all are drawn at it.
async function atTheServersWidth(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".lanes[data-incident] .pictures { width: 960px !important; overflow: hidden }");
    document.adoptedStyleSheets = [sheet];
    window.dispatchEvent(new Event("resize"));
  });
  const lanes = page.locator(".lanes[data-incident] .lane");
  for (const lane of await lanes.all()) {
    await lane.scrollIntoViewIfNeeded();
    await expect(lane.locator("canvas")).toHaveAttribute("width", "3840");
  }
  await expect(page.locator(".lanes[data-incident]")).not.toHaveAttribute("aria-busy", "true");
}

for (const { name, query } of [
  { name: "a few hours", query: "?from=1590048000000&to=1590069600000" },
  { name: "a few hours on a logarithmic axis", query: "?from=1590048000000&to=1590069600000&log=symptom" },
]) {
  test(`the server's and the browser's lanes agree: ${name}`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.addInitScript(writeDown);
    await open(page, (await story(page)) + query);
    await drawn(page);
    await atTheServersWidth(page);
    const { lanes, points, off } = await compare(page);
    expect(lanes).toBeGreaterThan(6);
    expect(points).toBeGreaterThan(1_000);
    expect(off).toEqual([]);
  });
}
