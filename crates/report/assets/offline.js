
// The charts of an exported report, alive: a crosshair with the exact values and times in UTC, zoom by
// dragging, buttons and keys, and links that lead from a figure to its evidence. Plain and alone: it
// loads nothing, stores nothing and needs no library. Without it the report is complete all the same.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("lineup-lanes").textContent);
  const whole = { start: data.start, end: data.end };
  let view = whole;
  let at = null;
  const SVG = "http://www.w3.org/2000/svg";
  const charts = [];

  const utc = (ms) => `${new Date(ms).toISOString().replace("T", " ").replace(/\.000Z$|Z$/, "")} UTC`;
  const exact = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 20 });
  const between = (low, x, high) => Math.min(Math.max(x, low), high);

  const element = (name, attributes, text) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const shape = (parent, name, attributes, text) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };

  // Times are written as steps from the one before.
  for (const lane of data.lanes) {
    for (const curve of lane.curves ?? []) {
      let now = 0;
      curve.t = curve.t.map((step) => (now += step));
    }
  }

  const paint = (ink) => `var(--chart-${String(ink).toLowerCase()})`;

  // The first sample that is not before an instant.
  const indexOf = (times, ms) => {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const nearest = (curve, ms) => {
    const i = indexOf(curve.t, ms);
    const before = i > 0 && (i >= curve.t.length || ms - curve.t[i - 1] < curve.t[i] - ms);
    const found = before ? i - 1 : i;
    if (found >= curve.t.length) return null;
    // Nothing was measured in a gap: a value from its edge would be an invention.
    const reach = Math.max(curve.gap, curve.thinned ?? 0) / 2;
    return Math.abs(curve.t[found] - ms) <= reach ? found : null;
  };

  const readings = (lane, ms) => {
    const out = [];
    for (const curve of lane.curves ?? []) {
      const i = nearest(curve, ms);
      out.push(
        i === null
          ? `${curve.label}: no sample`
          : `${curve.label}: ${exact(curve.v[i])}${lane.unit ? ` ${lane.unit}` : ""} at ${utc(curve.t[i])}`,
      );
    }
    const reach = ((view.end - view.start) / 960) * 6;
    const near = (lane.events ?? []).filter((e) => {
      const end = e.open ? whole.end : (e.end ?? e.start);
      return ms >= e.start - reach && ms <= end + reach;
    });
    for (const event of near.slice(0, 6)) {
      const name = event.label || event.group || event.id;
      const many = event.n > 1 ? `${event.n} events, first ` : "";
      const until = event.end ? ` to ${utc(event.end)}` : event.open ? ", still going on" : "";
      out.push(`${many}${name}: ${event.unknown ? "before " : ""}${utc(event.start)}${until}`);
    }
    if (near.length > 6) out.push(`and ${near.length - 6} more`);
    return out;
  };

  // Where the plot lies in the picture that is shown.
  const frameOf = (chart) => {
    const frames = chart.lane.frames;
    const shown = chart.drawn ?? [...chart.still].find((s) => s.getClientRects().length > 0);
    if (!shown) return null;
    const narrow = !chart.drawn && shown.parentElement.classList.contains("report-narrow");
    const [width, , left, , right] = narrow ? frames[1] : frames[0];
    const scale = shown.getBoundingClientRect().width / width;
    return { left: left * scale, right: right * scale };
  };

  const timeAt = (chart, x) => {
    const frame = frameOf(chart);
    const part = (x - frame.left) / (frame.right - frame.left);
    const second = Math.round((view.start + part * (view.end - view.start)) / 1000) * 1000;
    return between(view.start, second, view.end);
  };

  const xOf = (chart, ms) => {
    const frame = frameOf(chart);
    const part = (ms - view.start) / (view.end - view.start);
    return frame.left + between(0, part, 1) * (frame.right - frame.left);
  };

  const point = (ms) => {
    at = ms;
    for (const chart of charts) {
      chart.cross.hidden = ms === null || !frameOf(chart);
      if (ms === null) {
        chart.read.textContent = "";
        continue;
      }
      if (!chart.cross.hidden) chart.cross.style.left = `${xOf(chart, ms)}px`;
      chart.read.textContent = [utc(ms), ...readings(chart.lane, ms)].join(" · ");
    }
  };

  const STEPS = [1, 5, 15, 60, 300, 900, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];

  const ticks = () => {
    const step = (STEPS.find((s) => (view.end - view.start) / (s * 1000) <= 8) ?? 31536000) * 1000;
    const out = [];
    for (let t = Math.ceil(view.start / step) * step; t <= view.end; t += step) out.push(t);
    return out.map((t) => [t, step >= 86400000 ? utc(t).slice(0, 10) : utc(t).slice(5, step < 60000 ? 19 : 16)]);
  };

  const scaleOf = (lane, top, bottom) => {
    let [low, high] = [Infinity, -Infinity];
    for (const curve of lane.curves) {
      const [from, to] = [indexOf(curve.t, view.start), indexOf(curve.t, view.end + 1)];
      for (let i = Math.max(from - 1, 0); i < Math.min(to + 1, curve.t.length); i++) {
        if (lane.log && curve.v[i] <= 0) continue;
        low = Math.min(low, curve.v[i]);
        high = Math.max(high, curve.v[i]);
      }
    }
    if (!(low <= high)) [low, high] = [lane.log ? 1 : 0, lane.log ? 10 : 1];
    if (lane.zero && !lane.log) [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (low === high) high = low + (Math.abs(low) || 1);
    const of = lane.log ? Math.log10 : (v) => v;
    const y = (v) => bottom - ((of(lane.log ? Math.max(v, low) : v) - of(low)) / (of(high) - of(low))) * (bottom - top);
    return { low, high, y };
  };

  const curvePath = (curve, x, y) => {
    const from = Math.max(indexOf(curve.t, view.start) - 1, 0);
    const to = Math.min(indexOf(curve.t, view.end + 1) + 1, curve.t.length);
    const apart = (i) =>
      curve.thinned === null
        ? curve.t[i] - curve.t[i - 1] > curve.gap
        : curve.gaps.some(([a, b]) => curve.t[i - 1] <= a && curve.t[i] >= b);
    let path = "";
    for (let i = from; i < to; i++) {
      path += `${i === from || apart(i) ? "M" : "L"}${x(curve.t[i]).toFixed(1)} ${y(curve.v[i]).toFixed(1)}`;
    }
    return path;
  };

  // A part of the time, drawn anew: the picture of the whole time comes from the report itself.
  const draw = (chart) => {
    chart.drawn?.remove();
    chart.drawn = null;
    const zoomed = view !== whole;
    for (const box of chart.boxes) box.hidden = zoomed;
    if (!zoomed) return;
    const { lane } = chart;
    const [width, height, left, top, right, bottom] = lane.frames[0];
    const label = `${lane.title}, ${utc(view.start)} to ${utc(view.end)}`;
    const svg = shape(chart.live, "svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": label });
    const x = (ms) => left + ((ms - view.start) / (view.end - view.start)) * (right - left);
    const inside = (ms) => between(left, x(ms), right);
    const clip = `report-clip-${lane.id}`;
    shape(shape(svg, "clipPath", { id: clip }), "rect", { x: left, y: top, width: right - left, height: bottom - top });
    for (const [start, end] of lane.bands) {
      const width = inside(end) - inside(start);
      if (width > 0) shape(svg, "rect", { x: inside(start), y: top, width, height: bottom - top, fill: paint("impact"), "fill-opacity": 0.08 });
    }
    const note = (x, y, anchor, text, ink = "text") =>
      shape(svg, "text", { x, y, "text-anchor": anchor, "font-size": 11, fill: paint(ink) }, text);
    for (const [t, text] of ticks()) {
      shape(svg, "path", { d: `M${x(t)} ${top}V${bottom}`, stroke: paint("grid"), fill: "none" });
      note(x(t), bottom + 15, "middle", text);
    }
    shape(svg, "path", { d: `M${left} ${bottom}H${right}`, stroke: paint("axis"), fill: "none" });
    const plot = shape(svg, "g", { "clip-path": `url(#${clip})` });
    if (lane.curves) {
      const { low, high, y } = scaleOf(lane, top + 4, bottom);
      const short = (v) => Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(v);
      note(left - 6, bottom, "end", short(low));
      note(left - 6, top + 10, "end", short(high));
      note(left, top - 6, "start", `${lane.unit}${lane.log ? ", logarithmic" : ""}`);
      for (const curve of lane.curves) {
        const dash = curve.theory ? { "stroke-dasharray": "5 4" } : {};
        shape(plot, "path", { d: curvePath(curve, x, y), fill: "none", stroke: paint(curve.ink), "stroke-width": 1.5, ...dash });
      }
    }
    const rows = Math.max(Math.floor((bottom - top) / 17), 1);
    const shown = (lane.events ?? []).filter((e) => e.start <= view.end && (e.open || (e.end ?? e.start) >= view.start));
    shown.forEach((event, i) => {
      const y = top + 3 + (i % rows) * 17;
      const [from, to] = [inside(event.start), inside(event.open ? view.end : (event.end ?? event.start))];
      shape(plot, "rect", { x: from, y, width: Math.max(to - from, 4), height: 10, rx: 2, fill: paint(event.ink) });
      if (shown.length <= rows) {
        const text = event.n > 1 ? `${event.n} events` : event.label || event.group;
        shape(plot, "text", { x: Math.max(to, from + 4) + 5, y: y + 9, "font-size": 11, fill: paint("strong") }, text);
      }
    });
    for (const [t, text] of lane.marks) {
      if (t < view.start || t > view.end) continue;
      shape(svg, "path", { d: `M${x(t)} ${top}V${bottom}`, stroke: paint("change"), fill: "none", "stroke-dasharray": "3 3" });
      if (text) note(x(t) + 4, top + 11, "start", text, "strong");
    }
    chart.drawn = svg;
  };

  const look = (start, end) => {
    const least = 60_000;
    const length = between(least, end - start, whole.end - whole.start);
    const from = between(whole.start, start, whole.end - length);
    const all = length >= whole.end - whole.start;
    view = all ? whole : { start: Math.round(from / 1000) * 1000, end: Math.round((from + length) / 1000) * 1000 };
    for (const chart of charts) draw(chart);
    bar.out.disabled = bar.all.disabled = all;
    bar.in.disabled = length <= least;
    bar.told.textContent = `${utc(view.start)} to ${utc(view.end)}`;
    point(at === null ? null : between(view.start, at, view.end));
  };

  const zoom = (factor) => {
    const middle = at ?? (view.start + view.end) / 2;
    const part = (middle - view.start) / (view.end - view.start);
    const length = (view.end - view.start) * factor;
    look(middle - part * length, middle + (1 - part) * length);
  };

  const bar = {
    in: element("button", { type: "button" }, "Zoom in"),
    out: element("button", { type: "button", disabled: "" }, "Zoom out"),
    all: element("button", { type: "button", disabled: "" }, "Whole window"),
    told: element("span", { "data-testid": "view" }, `${utc(whole.start)} to ${utc(whole.end)}`),
  };
  bar.in.addEventListener("click", () => zoom(0.5));
  bar.out.addEventListener("click", () => zoom(2));
  bar.all.addEventListener("click", () => look(whole.start, whole.end));

  const keys = (event) => {
    const step = (view.end - view.start) / 200;
    const moves = { ArrowLeft: -step, ArrowRight: step, PageUp: -step * 20, PageDown: step * 20 };
    if (event.key in moves) point(between(view.start, Math.round(((at ?? (view.start + view.end) / 2) + moves[event.key]) / 1000) * 1000, view.end));
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "Escape" || event.key === "0") look(whole.start, whole.end);
    else return;
    event.preventDefault();
  };

  const alive = (chart) => {
    const { live } = chart;
    let begun = null;
    const local = (event) => event.clientX - live.getBoundingClientRect().left;
    live.addEventListener("pointermove", (event) => {
      const now = timeAt(chart, local(event));
      point(now);
      if (begun === null) return;
      const [a, b] = [xOf(chart, begun), xOf(chart, now)];
      chart.span.hidden = Math.abs(a - b) < 4;
      chart.span.style.left = `${Math.min(a, b)}px`;
      chart.span.style.width = `${Math.abs(a - b)}px`;
    });
    live.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      begun = timeAt(chart, local(event));
      live.setPointerCapture(event.pointerId);
    });
    live.addEventListener("pointerup", (event) => {
      const now = timeAt(chart, local(event));
      if (begun !== null && !chart.span.hidden) look(Math.min(begun, now), Math.max(begun, now));
      begun = null;
      chart.span.hidden = true;
    });
    live.addEventListener("pointercancel", () => {
      begun = null;
      chart.span.hidden = true;
    });
    live.addEventListener("dblclick", () => look(whole.start, whole.end));
    live.addEventListener("keydown", keys);
  };

  for (const figure of document.querySelectorAll(".report-chart[data-lane]")) {
    const lane = data.lanes.find((lane) => lane.id === figure.dataset.lane);
    if (!lane) continue;
    const live = element("div", {
      class: "report-live",
      tabindex: "0",
      role: "group",
      "aria-label": `${lane.title}: arrow keys move the crosshair, + and - zoom, 0 shows the whole window`,
    });
    const boxes = [...figure.children];
    live.append(...boxes);
    const cross = element("div", { class: "report-cross", "data-testid": "cross" });
    const span = element("div", { class: "report-span" });
    cross.hidden = span.hidden = true;
    live.append(cross, span);
    const read = element("output", { class: "report-read", "data-testid": "reading" });
    figure.append(live, read);
    const chart = { lane, figure, live, boxes, still: live.querySelectorAll("svg"), cross, span, read, drawn: null };
    charts.push(chart);
    alive(chart);
  }
  if (charts.length > 0) {
    const tools = element("div", { class: "report-zoom", role: "toolbar", "aria-label": "Zoom of the charts" });
    tools.append(bar.in, bar.out, bar.all, bar.told);
    charts[0].figure.closest("section").querySelector("h2").after(tools);
  }
  window.addEventListener("resize", () => point(at));

  // From a figure to its line in the appendix, and from there to the chart that shows its evidence.
  const tell = (found) => {
    for (const told of document.querySelectorAll(".is-told")) told.classList.remove("is-told");
    found?.classList.add("is-told");
  };
  const reveal = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const found = id && document.getElementById(id);
    if (!found) return;
    const closed = found.closest("details:not([open])");
    if (closed) closed.open = true;
    found.scrollIntoView({ block: "center" });
    tell(found);
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-evidence]");
    if (!link) return;
    const time = link.closest("tr")?.querySelector("td:nth-child(3)")?.textContent;
    const ms = Date.parse(time ?? "");
    if (/^\d{4}-\d\d-\d\dT/.test(time ?? "") && ms >= whole.start && ms <= whole.end) {
      if (ms < view.start || ms > view.end) look(whole.start, whole.end);
      point(ms);
    }
  });
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", () => {
    look(whole.start, whole.end);
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  reveal();
})();
