// What the server needs for a zoom: the round trip on loopback of a query as the page asks it, which is
// an upper bound of the server's own time.

import { Agent, get } from "node:http";

const COLUMNS = 1_100;
const LANES = 20;
const HOUR = 3_600_000;

// The lanes that there are, undefined where the server has no list of them.
export async function listLanes(origin, incident) {
  const answer = await fetch(`${origin}/api/incidents/${incident}/lanes/list`);
  return answer.ok ? answer.json() : undefined;
}

// Lanes to look at: the default ones first.
export function chosen(list) {
  return [...list].sort((a, b) => Number(b.default) - Number(a.default)).slice(0, LANES);
}

// Zooms from the whole window down to an hour and back, panning on the way.
function* windows(start, end, count) {
  for (let i = 0; i < count; i += 1) {
    const depth = (1 - Math.cos((i / count) * 6 * Math.PI)) / 2;
    const width = Math.round((end - start) * (HOUR / (end - start)) ** depth);
    const from = Math.round(start + (end - start - width) * ((i * 0.618) % 1));
    yield [from, from + width];
  }
}

// Milliseconds and bytes on the wire of one answer, compressed as for a browser, on a connection that is kept.
function ask(url, agent) {
  return new Promise((resolve, reject) => {
    const begun = performance.now();
    get(url, { agent, headers: { "accept-encoding": "gzip, deflate, br, zstd" } }, (answer) => {
      let bytes = 0;
      answer.on("data", (chunk) => {
        bytes += chunk.length;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, time: performance.now() - begun, bytes }));
      answer.on("error", reject);
    }).on("error", reject);
  });
}

// Milliseconds and bytes of each of `count` queries; undefined where the server knows none.
export async function queryTimes(origin, incident, list, { start, end }, count) {
  const lanes = chosen(list).map(({ id }) => encodeURIComponent(id)).join(",");
  const agent = new Agent({ keepAlive: true });
  const [times, sizes] = [[], []];
  try {
    for (const [from, to] of windows(start, end, count)) {
      const url = `${origin}/api/incidents/${incident}/lanes?from=${from}&to=${to}&columns=${COLUMNS}&lanes=${lanes}`;
      const { status, time, bytes } = await ask(url, agent);
      if (status !== 200) {
        return undefined;
      }
      times.push(time);
      sizes.push(bytes);
    }
  } finally {
    agent.destroy();
  }
  return { times, sizes };
}
