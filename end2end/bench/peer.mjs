// uPlot drawing the same series: twenty charts of all samples, zoomed and panned together.

import { once } from "node:events";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const LANES = 20;
// As high as a lane of Lineup.
const HEIGHT = 132;

const { resolve } = createRequire(import.meta.url);

// Columns of the series: seconds, and the value or null for a gap.
function columns(bundle, id) {
  const rows = readFileSync(join(bundle, "series", `${id}.csv`), "utf8").trimEnd().split("\n").slice(1);
  const cells = rows.map((row) => row.split(","));
  return [cells.map(([at]) => Date.parse(at) / 1000), cells.map(([, value]) => (value === "" ? null : Number(value)))];
}

function draw(lanes, height) {
  const [first, last] = [lanes[0].data[0][0], lanes[0].data[0].at(-1)];
  const charts = lanes.map(({ title, data }) => {
    const article = document.body.appendChild(document.createElement("article"));
    article.dataset.lane = title;
    const options = { title, width: 1100, height, series: [{}, { stroke: "#006bab", width: 1 }], legend: { show: false }, cursor: { drag: { setScale: false } } };
    return new uPlot(options, data, article);
  });
  const show = (min, max) => charts.forEach((chart) => chart.setScale("x", { min, max }));
  addEventListener("wheel", (event) => {
    event.preventDefault();
    const { min, max } = charts[0].scales.x;
    const width = max - min;
    if (event.deltaX !== 0) {
      const shift = (event.deltaX / 1100) * width;
      show(min + shift, max + shift);
      return;
    }
    const at = charts[0].posToVal(event.clientX - charts[0].over.getBoundingClientRect().left, "x");
    const factor = event.deltaY < 0 ? 0.8 : 1.25;
    show(Math.max(first, at - (at - min) * factor), Math.min(last, at + (max - at) * factor));
  }, { passive: false });
}

// Serves the page; gives its address and how to stop it.
export async function servePeer(bundle) {
  const ids = readFileSync(join(bundle, "series.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line).id);
  const lanes = ids.slice(0, LANES).map((id) => ({ title: id, data: columns(bundle, id) }));
  const script = readFileSync(resolve("uplot/dist/uPlot.iife.min.js"), "utf8");
  const style = readFileSync(resolve("uplot/dist/uPlot.min.css"), "utf8");
  const page = `<!doctype html><meta charset="utf-8"><title>uPlot</title><style>${style}</style><body>
<script>${script}</script><script>(${draw})(${JSON.stringify(lanes)}, ${HEIGHT})</script>`;
  const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(page)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { version } = JSON.parse(readFileSync(resolve("uplot/package.json"), "utf8"));
  return { url: `http://127.0.0.1:${server.address().port}/`, version, lanes: lanes.length, stop: () => server.close() };
}
