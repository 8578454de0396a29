// Saves the section that is edited by itself, shows a preview, and inserts figures. A save names the
// revision that it is based on; the server puts together what others saved since, and nothing of
// anybody's is lost.
const AFTER_MS = 1200;
const AGAIN_MS = 5000;

const form = document.querySelector("form[data-editor]");
if (form instanceof HTMLFormElement) edit(form);

function edit(form) {
  const text = form.elements.namedItem("text");
  const title = form.elements.namedItem("title");
  const revision = form.elements.namedItem("revision");
  const state = form.querySelector("[data-state]");
  const shown = form.querySelector("[data-shown]");
  let saved = now();
  let timer = 0;
  let running = null;

  form.querySelectorAll("[data-script]").forEach((element) => { element.hidden = false; });
  form.addEventListener("input", (event) => {
    if (event.target === text || event.target === title) later(AFTER_MS);
    else if (event.target.matches("[data-filter]")) filter(event.target.value);
  });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-insert],[data-preview]");
    if (!button) return;
    if (button.hasAttribute("data-preview")) preview();
    else insert(button.dataset.insert);
  });
  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    } else if (event.key === "Enter" && event.target instanceof HTMLInputElement) {
      // A line feed in a field is no wish to leave the page.
      event.preventDefault();
      save();
    }
  });
  // A save that is under way would be one's own rival.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!running) return;
    event.preventDefault();
    running.finally(() => form.submit());
  });
  addEventListener("beforeunload", (event) => {
    if (dirty() && !form.dataset.leaving) event.preventDefault();
  });
  form.addEventListener("submit", () => { form.dataset.leaving = "true"; });
  // The way back saves first what is not saved yet.
  form.querySelectorAll("a[href]").forEach((a) => a.addEventListener("click", (event) => {
    if (!dirty()) return;
    event.preventDefault();
    save().then((good) => { if (good) location.assign(a.href); });
  }));

  function now() { return { text: normal(text.value), title: title.value.trim() }; }
  function dirty() { const n = now(); return n.text !== saved.text || n.title !== saved.title; }
  function say(words) { state.textContent = words; }
  function later(ms) {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
    if (dirty()) say("Not saved yet");
  }

  async function save() {
    clearTimeout(timer);
    if (running) { await running; }
    if (!dirty()) return true;
    running = send().finally(() => { running = null; });
    return running;
  }

  async function send() {
    const sent = now();
    say("Saving…");
    const answer = await call(form.getAttribute("action"), new URLSearchParams(new FormData(form)));
    if (answer.error) {
      say(`Not saved: ${answer.error}`);
      if (answer.again) later(AGAIN_MS);
      return false;
    }
    const { revision: stands, written, text: whole, conflicts } = answer.value;
    saved = sent;
    const others = normal(whole) !== sent.text;
    if (now().text === sent.text) {
      revision.value = String(stands);
      if (others) put(whole);
    } else {
      // Written on in the meantime: what comes next is based on what was sent.
      revision.value = String(others ? written : stands);
      later(AFTER_MS);
    }
    if (conflicts > 0) say("Saved. Somebody changed the same lines: both are kept below, between the marks. Choose one.");
    else if (others) say("Saved, together with what somebody else wrote.");
    else say("Saved");
    if (!shown.hidden) preview();
    return true;
  }

  // Another text in the place of the one that is edited; the caret stays at its words.
  function put(whole) {
    const before = text.value.slice(0, text.selectionStart);
    text.value = whole;
    const at = whole.startsWith(before) ? before.length : Math.min(text.selectionStart, whole.length);
    text.setSelectionRange(at, at);
    saved = now();
  }

  function insert(reference) {
    const from = text.selectionStart;
    text.setRangeText(reference, from, text.selectionEnd, "end");
    text.focus();
    later(AFTER_MS);
  }

  function filter(words) {
    const wanted = words.trim().toLowerCase();
    form.querySelectorAll("[data-figure-row]").forEach((row) => {
      row.hidden = wanted !== "" && !row.textContent.toLowerCase().includes(wanted);
    });
  }

  async function preview() {
    const body = new URLSearchParams({ incident: form.elements.namedItem("incident").value, text: text.value });
    const answer = await call("/api/preview_section", body);
    if (answer.error) { say(answer.error); return; }
    const { html, remarks } = answer.value;
    shown.hidden = false;
    // Trusted: made by the server's own renderer, where every text is escaped.
    shown.innerHTML = `<p class="small dim">As it will stand in the report</p>${html}`;
    if (remarks.length > 0) shown.append(aid(remarks));
  }

  function aid(remarks) {
    const list = document.createElement("ul");
    list.className = "doc-remarks";
    for (const { phrase, reason, suggestion } of remarks) {
      const item = document.createElement("li");
      const words = document.createElement("q");
      words.textContent = phrase;
      item.append(words, ` ${reason} ${suggestion}`);
      list.append(item);
    }
    return list;
  }
}

function normal(text) { return text.replace(/\r\n?/g, "\n").trimEnd(); }

async function call(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    return { error: "the server does not answer. The text stays here and is tried again.", again: true };
  }
  const value = await answer.json().catch(() => null);
  if (answer.ok && value !== null) return { value };
  return { error: words(value) || `the server answered ${answer.status}`, again: answer.status >= 500 };
}

// The sentence in an error of the server's.
function words(error) {
  if (typeof error === "string") return error;
  if (Array.isArray(error)) return error.map((field) => field.message || words(field)).join("; ");
  if (error && typeof error === "object") return Object.values(error).map(words).join("; ");
  return "";
}
