// A meeting about an incident: one presents, the others see the same. Plain and small; without it the
// pages are complete, there is only no meeting.

const incident = (location.pathname.match(/^\/incidents\/([0-9a-f]{32})(?=\/|$)/) || [])[1];
const base = `/incidents/${incident}`;
const url = `/api/incidents/${incident}/meeting`;
const KEEP = "lineup-meeting";
/** How often the presenter's page looks whether it shows something else, in milliseconds. */
const LOOK = 300;
/** When a stream that was refused is asked for again, in milliseconds. */
const AGAIN = 2000;

/** What is not there, or not for everybody, has no tabs, and nobody meets about it. */
const met = incident && document.querySelector(`a[href="${base}/review"]`);

/** What this tab does: {incident, role: "present" | "follow", key, turn}. */
let mine = remembered();
/** What the meeting shows. */
let shown = { on: false };
let stream = null;
let looking = 0;
let sent = "";
let bar = null;

function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEEP) || "null");
    return kept && kept.incident === incident ? kept : null;
  } catch {
    return null;
  }
}

function remember(role) {
  mine = role && { incident, ...role };
  try {
    if (mine) sessionStorage.setItem(KEEP, JSON.stringify(mine));
    else sessionStorage.removeItem(KEEP);
  } catch {
    // A private window: it lasts as long as the page.
  }
}

// What is shown.

/** The section that the reader has before their eyes. */
function section() {
  const parts = [...document.querySelectorAll(".report-section[id]")];
  const root = document.documentElement;
  // At the end of the page the last one is meant, however short it is.
  if (scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2) return parts.at(-1)?.id || "";
  const line = innerHeight * 0.4;
  let found = "";
  for (const part of parts) {
    if (part.getBoundingClientRect().top > line) break;
    found = part.id;
  }
  return found;
}

function here() {
  const part = location.pathname === `${base}/report` ? section() : "";
  const query = new URLSearchParams(location.search);
  query.delete("__path");
  query.delete("__err");
  const asked = [...query].length ? location.search : "";
  return location.pathname + asked + (part ? `#${part}` : "");
}

/** Goes where the presenter is; on the same page without loading it anew. */
function go(view) {
  const to = new URL(view, location.origin);
  if (to.origin !== location.origin || !(to.pathname + "/").startsWith(`${base}/`)) return;
  const samePage = to.pathname === location.pathname;
  const timeline = to.pathname === base && document.querySelector("canvas.lane-canvas");
  if (!samePage || (to.search !== location.search && !timeline)) {
    location.assign(to);
    return;
  }
  if (to.search !== location.search) {
    history.pushState(null, "", to.pathname + to.search);
    dispatchEvent(new PopStateEvent("popstate"));
  }
  const part = to.hash && document.getElementById(decodeURIComponent(to.hash.slice(1)));
  if (part && section() !== part.id) part.scrollIntoView({ block: "start" });
}

// Talking to the server.

async function act(body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.detail || said.title || "The server refused it."), {
      status: answer.status,
    });
  }
  return answer.json();
}

async function present() {
  try {
    const begun = await act({ do: "begin", view: here() });
    remember({ role: "present", key: begun.key, turn: begun.turn });
    shown = begun;
    sent = begun.view;
    listen();
    draw();
  } catch (error) {
    draw(error.message);
  }
}

function look() {
  if (!mine || mine.role !== "present") return;
  const view = here();
  if (view === sent) return;
  sent = view;
  act({ do: "show", key: mine.key, view }).catch((error) => {
    if (error.status === 409) follow();
    else if (error.status === 404) over();
    else sent = "";
  });
}

function follow() {
  remember({ role: "follow" });
  listen();
  draw();
}

function leave() {
  remember(null);
  stream?.close();
  stream = null;
  draw();
}

function over() {
  shown = { on: false };
  leave();
}

async function end() {
  try {
    await act({ do: "end", key: mine.key });
    over();
  } catch (error) {
    draw(error.message);
  }
}

function listen() {
  clearInterval(looking);
  looking = setInterval(look, LOOK);
  if (stream) return;
  stream = new EventSource(url);
  stream.addEventListener("shown", (event) => {
    shown = JSON.parse(event.data);
    if (!shown.on) {
      over();
      return;
    }
    if (mine?.role === "present" && shown.turn !== mine.turn) remember({ role: "follow" });
    if (mine?.role === "follow") go(shown.view);
    draw();
  });
  stream.addEventListener("error", () => {
    // The browser tries again by itself, unless the server said that there is nothing (any more). A page
    // that is left closes its stream as well: then nobody is here to ask.
    if (!stream || stream.readyState !== EventSource.CLOSED) return;
    stream = null;
    setTimeout(again, AGAIN);
  });
}

/** After a stream that was refused: the meeting is over, or the server was away for a moment. */
async function again() {
  if (!mine || stream) return;
  await ask();
  if (mine) listen();
  else over();
}

async function note(form) {
  const field = form.elements.namedItem("text");
  const body = new URLSearchParams({ incident, text: field.value, view: shown.view || here() });
  const answer = await fetch("/api/comment", {
    method: "POST",
    headers: { accept: "application/json" },
    body,
  });
  if (!answer.ok) throw new Error("The note was not kept: it needs 1 to 4,000 characters.");
  field.value = "";
}

// The bar at the bottom of the page.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function button(words, testid, does) {
  const made = element("button", { type: "button", class: "button", "data-testid": testid }, words);
  made.addEventListener("click", does);
  return made;
}

function form() {
  const label = element("label", { for: "meeting-note" }, "Note on what is shown");
  const field = element("textarea", {
    id: "meeting-note",
    name: "text",
    rows: "2",
    maxlength: "4000",
    required: "",
  });
  const keep = element(
    "button",
    { type: "submit", class: "button", "data-testid": "meeting-note-add" },
    "Keep as a comment",
  );
  const made = element("form", { class: "meeting-notes" }, label, field, keep);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    note(made).then(
      () => say("Kept."),
      (error) => say(error.message),
    );
  });
  const open = element("summary", { "data-testid": "meeting-note-open" }, "Note");
  return element("details", { class: "more" }, open, made);
}

function say(words) {
  const line = bar?.querySelector(".meeting-said");
  if (line) line.textContent = words;
}

function draw(said = "") {
  const begin = document.querySelector("[data-meeting-begin]");
  if (begin) {
    begin.hidden = shown.on;
    if (said && !shown.on) begin.nextElementSibling?.replaceChildren(said);
  }
  if (!shown.on) {
    bar?.remove();
    bar = null;
    document.documentElement.removeAttribute("data-meeting");
    return;
  }
  if (!bar) {
    bar = element(
      "aside",
      { class: "meeting", "aria-label": "Meeting", "data-testid": "meeting" },
      element("p", { class: "meeting-who", role: "status", "data-testid": "meeting-who" }),
      element("div", { class: "meeting-buttons" }),
      form(),
      element("p", { class: "meeting-said small", role: "status" }),
    );
    document.body.append(bar);
    document.documentElement.setAttribute("data-meeting", "");
  }
  const role = mine?.role;
  const who = role === "present" ? "You present" : `${shown.presenter} presents`;
  const status = role === "follow" ? `${who}, you follow` : who;
  const line = bar.querySelector(".meeting-who");
  if (line.textContent !== status) line.textContent = status;
  const buttons = bar.querySelector(".meeting-buttons");
  if (buttons.dataset.role !== (role || "none")) {
    buttons.dataset.role = role || "none";
    const all = {
      present: [button("End the meeting", "meeting-end", end)],
      follow: [
        button("Leave", "meeting-leave", leave),
        button("Present", "meeting-present", present),
      ],
      none: [button("Follow", "meeting-join", follow)],
    };
    buttons.replaceChildren(...all[role || "none"]);
  }
  bar.querySelector("details").hidden = !role;
  say(said);
}

async function start() {
  document.querySelector("[data-meeting-begin]")?.addEventListener("click", present);
  // Whoever comes back to a page that was open before learns of a meeting too.
  addEventListener("focus", () => {
    if (!mine) ask();
  });
  await ask();
  if (mine) listen();
}

async function ask() {
  const answer = await fetch(`${url}/now`).catch(() => null);
  if (!answer?.ok) return;
  shown = await answer.json();
  if (!shown.on) remember(null);
  draw();
}

if (met) start();
