// What the server needs for a zoom: the round trip on loopback of a query as the page asks it, which is
// an upper bound of the server's own time.

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

// Milliseconds and bytes of each of `count` queries; undefined where the server knows none.
export async function queryTimes(origin, incident, list, { start, end }, count) {
  const lanes = chosen(list).map(({ id }) => encodeURIComponent(id)).join(",");
  const [times, sizes] = [[], []];
  for (const [from, to] of windows(start, end, count)) {
    const begun = performance.now();
    const answer = await fetch(`${origin}/api/incidents/${incident}/lanes?from=${from}&to=${to}&columns=${COLUMNS}&lanes=${lanes}`);
    const body = await answer.arrayBuffer();
    if (!answer.ok) {
      return undefined;
    }
    times.push(performance.now() - begun);
    sizes.push(Number(answer.headers.get("content-length") ?? body.byteLength));
  }
  return { times, sizes };
}
