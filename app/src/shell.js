// Runs before the first paint, so that a chosen theme never flashes, and without the module.
(function () {
  "use strict";
  var key = "lineup-theme";
  var root = document.documentElement;
  function chosen() {
    try { return localStorage.getItem(key); } catch (e) { return null; }
  }
  function keep(theme) {
    try {
      if (theme) localStorage.setItem(key, theme); else localStorage.removeItem(key);
    } catch (e) { /* private window: the choice lasts as long as the page */ }
  }
  function apply(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }
  function next(theme) {
    return theme === "light" ? "dark" : theme === "dark" ? "" : "light";
  }
  apply(chosen());

  // What a form has done is said once: not when the page is asked for again, nor by a link to it.
  var here = new URL(location.href);
  if (here.searchParams.has("done")) {
    here.searchParams.delete("done");
    history.replaceState(history.state, "", here);
  }
  addEventListener("storage", function (e) { if (e.key === key) apply(e.newValue); });

  document.addEventListener("click", function (e) {
    var button = e.target instanceof Element && e.target.closest("[data-theme-toggle],[data-copy]");
    if (!button) return;
    if (button.hasAttribute("data-theme-toggle")) {
      var theme = next(root.dataset.theme);
      keep(theme);
      apply(theme);
    } else {
      copy(button);
    }
  });

  function copy(button) {
    var field = document.getElementById(button.dataset.copy);
    if (!field) return;
    field.select();
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(field.value).then(function () {
      button.dataset.copied = "";
      setTimeout(function () { delete button.dataset.copied; }, 2000);
    }, function () { /* the text is selected: the keyboard copies it */ });
  }

  // A screen reader tells what is put into a status, and not what stands in it from the beginning.
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-done]").forEach(function (status) {
      var words = status.textContent;
      status.textContent = "";
      setTimeout(function () { status.textContent = words; }, 150);
    });
  });

  // The address of this installation stands before the path of a new link as the browser knows it.
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("input[data-path]").forEach(function (field) {
      field.value = location.origin + field.dataset.path;
    });
  });

  // The reader's own time, where they point.
  function own(e) {
    var time = e.target instanceof Element && e.target.closest("time[datetime]");
    if (!time || time.title) return;
    var date = new Date(time.getAttribute("datetime"));
    if (isNaN(date)) return;
    time.title = "Your time: " + date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
  // The reader's own time beside an input of a time. Lenient, as it only helps: the server reads it.
  function local(e) {
    var input = e.target;
    var place = input instanceof HTMLInputElement && input.inputMode === "numeric" &&
      input.parentElement.querySelector(".local");
    if (!place) return;
    var text = input.value.trim().replace(" ", "T");
    var zoned = text.length > 16 && (text.slice(-1) === "Z" || text.lastIndexOf("+") > 10);
    var date = new Date(zoned ? text : text + "Z");
    place.textContent = text.length < 16 || isNaN(date) ? "" :
      "your time: " + date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  }
  document.addEventListener("input", local);
  document.addEventListener("focusin", local);
  document.addEventListener("pointerover", own);
  document.addEventListener("focusin", own);
})();
