// Reads Chromium's trace: from an input event to the end of the frame that it caused.

const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "cc", "toplevel"];

const end = ({ ts, dur }) => ts + (dur ?? 0);

// Runs `work` and gives the events of the trace.
export async function traced(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await work();
  const trace = await browser.stopTracing();
  return JSON.parse(trace.toString()).traceEvents;
}

// For each input event of the type `type`: the milliseconds from the start of its dispatch to the end of
// the main thread's work for the frame (script, style, layout, paint, commit), and to the end of the raster
// of that frame's tiles, which goes on beside the main thread.
export function redraws(events, type) {
  const inputs = events
    .filter(({ name, args }) => name === "EventDispatch" && args?.data?.type === type)
    .sort((a, b) => a.ts - b.ts);
  return inputs.flatMap((input, index) => {
    const before = inputs[index + 1]?.ts ?? Infinity;
    const commits = events
      .filter(({ name, pid, tid, ts }) => name === "Commit" && pid === input.pid && tid === input.tid && ts >= end(input) && ts < before)
      .sort((a, b) => a.ts - b.ts);
    if (commits.length === 0) {
      return [];
    }
    const [commit, next] = commits;
    const until = Math.min(before, next?.ts ?? Infinity);
    const raster = events
      .filter(({ name, pid, ts }) => name === "RasterTask" && pid === input.pid && ts >= commit.ts && ts < until)
      .map(end);
    return [{ painted: (end(commit) - input.ts) / 1e3, rastered: (Math.max(end(commit), ...raster) - input.ts) / 1e3 }];
  });
}
