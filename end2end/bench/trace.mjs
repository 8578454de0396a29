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

// For each input event of the type `type`, in milliseconds from the start of its dispatch:
// - `painted`: to the end of the main thread's work for the frame (script, style, layout, paint, commit),
// - `rastered`: to the end of the raster of that frame's tiles, which goes on beside the main thread,
// - `busy`: processor time of the main thread until `painted`, which a busy machine does not lengthen.
export function redraws(events, type) {
  const inputs = events
    .filter(({ name, args }) => name === "EventDispatch" && args?.data?.type === type)
    .sort((a, b) => a.ts - b.ts);
  return inputs.flatMap((input, index) => {
    const before = inputs[index + 1]?.ts ?? Infinity;
    const main = events.filter(({ pid, tid }) => pid === input.pid && tid === input.tid);
    const commits = main
      .filter(({ name, ph, ts }) => name === "Commit" && ph === "X" && ts >= end(input) && ts < before)
      .sort((a, b) => a.ts - b.ts);
    if (commits.length === 0) {
      return [];
    }
    const [commit, next] = commits;
    const tasks = main.filter((task) => task.name === "RunTask" && end(task) > input.ts && task.ts < end(commit));
    const until = Math.min(before, next?.ts ?? Infinity);
    const raster = events
      .filter(({ name, pid, ts }) => name === "RasterTask" && pid === input.pid && ts >= commit.ts && ts < until)
      .map(end);
    return [
      {
        painted: (end(commit) - input.ts) / 1e3,
        rastered: (Math.max(end(commit), ...raster) - input.ts) / 1e3,
        busy: tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1e3,
      },
    ];
  });
}
