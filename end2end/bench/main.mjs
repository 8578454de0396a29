// main.mjs DOCUMENT: measures the pages in Chromium and writes the figures, the budget beside each, to the
// document. LINEUP_BINARY is the release binary, CHROMIUM the browser's path. BENCH_MINUTES is how long the
// heap is watched, BENCH_RUNS and LIGHTHOUSE_RUNS how often is measured, BENCH_ONLY a list of `load`,
// `queries`, `redraw`, `heap` and `lighthouse`, which is written only with BENCH_WRITE=1, over the rows of the
// whole run before. With BENCH_STRICT=1 a missed budget is a failure.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";

import { fill, machine } from "../../scripts/document.mjs";
import { launch } from "./browser.mjs";
import { DAYS, EVENTS, SERIES } from "./bundle.mjs";
import { CATEGORIES, scores } from "./lighthouse.mjs";
import { visit } from "./load.mjs";
import { mainPages } from "./pages.mjs";
import { servePeer } from "./peer.mjs";
import { chosen, listLanes, queryTimes } from "./queries.mjs";
import { heapAfter, redrawTimes } from "./redraw.mjs";
import { serve } from "./server.mjs";
import { median } from "./statistics.mjs";
import { rowsOf } from "./table.mjs";

const [BEGIN, END] = ["<!-- browser figures: written by `make bench-web` -->", "<!-- end of browser figures -->"];
const QUERIES = 300;

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const [MINUTES, RUNS, LIGHTHOUSE_RUNS] = [number("BENCH_MINUTES", 10), number("BENCH_RUNS", 9), number("LIGHTHOUSE_RUNS", 5)];
const only = process.env.BENCH_ONLY?.split(",");
const wanted = (part) => only === undefined || only.includes(part);
const say = (text) => console.error(`lineup: ${text}`);

// The page with twenty lanes, in its own words; as it comes where the server knows no list.
function twentyLanes(url, list) {
  return list === undefined ? url : `${url}?lanes=${chosen(list).map(({ id }) => encodeURIComponent(id)).join(",")}`;
}

async function load(table, browser, url) {
  say(`opening the incident ${RUNS} times with an empty cache`);
  const first = await visit(browser, url);
  const visits = [];
  for (let run = 0; run < RUNS; run += 1) {
    visits.push(await visit(browser, url));
  }
  const all = (name) => visits.map((visit) => visit[name]).filter((time) => time !== undefined);
  const interactive = visits.map(({ hydrated, canvas = 0 }) => Math.max(hydrated, canvas)).filter(Number.isFinite);
  table.times("first contentful paint", 1_000, all("painted"));
  table.times("interactive (page hydrated, lanes on canvas where there are any)", 2_000, interactive);
  table.times("first lane on canvas", 2_000, all("canvas"));
  table.times("first contentful paint of the very first visit after the server's start", undefined, [first.painted]);
  table.bytes("transfer of the page in all", 700_000, median(visits.map(({ transferred }) => transferred)));
  table.bytes("the module in brotli", 350_000, median(visits.map(({ module }) => module)));
}

async function queries(table, { origin, incident, window }, list) {
  const answer = list === undefined ? undefined : await queryTimes(origin, incident, list, window, QUERIES);
  table.times(`zoom query, round trip, ${chosen(list ?? []).length} lanes`, undefined, answer?.times ?? [], 20);
  table.bytes("answer to a zoom query, compressed", undefined, median(answer?.sizes ?? []));
}

async function redraw(table, browser, url, peer) {
  for (const gesture of ["zoom", "pan"]) {
    for (const [name, address, budget] of [["Lineup", url, 16], [`uPlot ${peer.version}`, peer.url, undefined]]) {
      say(`${gesture}, ${name}`);
      const { lanes, way, frames } = await redrawTimes(browser, address, gesture);
      const how = way === undefined ? "" : `, ${way}`;
      table.times(`${gesture}: ${name}, ${lanes} lanes in sight${how}`, undefined, frames.map(({ painted }) => painted), budget);
      table.times(`${gesture}: ${name}, processor time of the main thread`, undefined, frames.map(({ busy }) => busy));
      table.times(`${gesture}: ${name}, to the end of raster`, undefined, frames.map(({ rastered }) => rastered));
    }
  }
}

async function heap(table, browser, url, peer) {
  for (const [name, address, budget] of [["Lineup", url, 150e6], [`uPlot ${peer.version}`, peer.url, undefined]]) {
    say(`${name}: zooming for ${MINUTES} minutes`);
    const { before, after } = await heapAfter(browser, address, MINUTES);
    table.bytes(`heap and module memory as opened, ${name}`, undefined, before.total);
    table.bytes(`heap and module memory after ${MINUTES} min of zooming, ${name}`, budget, after?.total ?? Number.NaN);
  }
}

async function lighthouse(table, pages) {
  for (const [name, url] of Object.entries(pages)) {
    say(`Lighthouse: ${name}`);
    const { scores: reached, failed } = await scores(url, LIGHTHOUSE_RUNS);
    failed.forEach((audit) => say(`  ${audit}`));
    for (const [category, score] of Object.entries(reached)) {
      table.score(`Lighthouse, ${name}: ${CATEGORIES[category]}`, 95, score);
    }
  }
}

async function measure(table, folder) {
  const server = await serve(process.env.LINEUP_BINARY, folder);
  const peer = await servePeer(server.bundle);
  const browser = await launch();
  try {
    const { origin, incident } = server;
    const url = `${origin}/incidents/${incident}`;
    const list = await listLanes(origin, incident);
    const lanes = twentyLanes(url, list);
    // Before all that takes long: what has moved in the pages is said at once.
    const pages = await mainPages(browser, origin, incident);
    if (wanted("load")) await load(table, browser, url);
    if (wanted("queries")) await queries(table, server, list);
    if (wanted("redraw")) await redraw(table, browser, lanes, peer);
    if (wanted("heap")) await heap(table, browser, lanes, peer);
    if (wanted("lighthouse")) await lighthouse(table, pages);
  } finally {
    await browser.close();
    peer.stop();
    await server.stop();
  }
}

// What stands in the document, with the rows of this run in the place of their older ones.
function renewed(lines) {
  const figure = (line) => line.split(" | ")[0];
  const now = new Map(lines.filter((line) => line.startsWith("| ")).map((line) => [figure(line), line]));
  const text = readFileSync(document, "utf8");
  const standing = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim().split("\n");
  const again = `Measured again alone: ${only.join(", ")} (load average ${busy} before).`;
  return standing
    .filter((line) => !line.startsWith("Measured again alone"))
    .flatMap((line) => (line === "" ? [again, line] : [now.get(figure(line)) ?? line]));
}

const [document] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "lineup-bench-web-"));
const busy = loadavg()[0].toFixed(1);
const table = rowsOf();
try {
  await measure(table, folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const lines = [
  `Measured on ${machine()}, load average ${busy} before the run; ${DAYS} days × ${SERIES} series at 1 minute ×`,
  `${EVENTS.toLocaleString("en")} events; Chromium with software raster, on loopback with an empty cache, ${RUNS} visits.`,
  "",
  ...table.lines(),
];
console.log(lines.join("\n"));
if (only === undefined) {
  fill(document, BEGIN, END, lines);
} else if (process.env.BENCH_WRITE === "1") {
  fill(document, BEGIN, END, renewed(lines));
}
if (table.missed.length > 0) {
  say(`over budget or not reached: ${table.missed.join("; ")}`);
  process.exitCode = process.env.BENCH_STRICT === "1" ? 1 : 0;
}
