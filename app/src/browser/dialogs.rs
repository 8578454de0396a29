//! The sheet of all keys, and the palette that goes to anything by a few letters.

use super::{Timeline, dom, keys, menu};
use crate::view::{find, words::escaped};
use std::{fmt::Write, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

/// Entries that the palette lists.
const LISTED: usize = 40;

impl Timeline {
    pub(super) fn open_keys() {
        let mut html = String::from(
            "<h2>Keys</h2><label class=\"keys-switch\"><input type=\"checkbox\" data-keys-switch",
        );
        if keys::are_on() {
            html.push_str(" checked");
        }
        html.push_str("> Single letters and digits work on this page</label><dl class=\"keys\">");
        for (key, what) in keys::SHEET {
            // Writing to a string cannot fail.
            let _ = write!(
                html,
                "<div><dt><kbd>{}</kbd></dt><dd>{what}</dd></div>",
                escaped(key)
            );
        }
        html.push_str(
            "</dl><p class=\"actions\"><button type=\"button\" class=\"button\" data-close>Close</button></p>",
        );
        Self::open_dialog("keys-sheet", "All keys", &html);
    }

    pub(super) fn open_palette(self: &Rc<Self>) {
        Self::close_menu();
        self.forget_mention();
        let html = "<input type=\"text\" class=\"palette-ask\" role=\"combobox\" aria-expanded=\"true\" \
                    aria-controls=\"palette-list\" aria-autocomplete=\"list\" autocomplete=\"off\" \
                    spellcheck=\"false\" aria-label=\"Go to\" placeholder=\"Lane, suspect, span, action\">\
                    <ul id=\"palette-list\" role=\"listbox\" aria-label=\"What there is\"></ul>";
        Self::open_dialog("palette", "Go to anything", html);
        self.fill_palette();
        let timeline = self.clone();
        wasm_bindgen_futures::spawn_local(async move {
            if timeline.list_lanes().await.is_ok() {
                timeline.fill_palette();
            }
        });
    }

    fn open_dialog(class: &str, label: &str, html: &str) {
        if let Some(open) = dom::in_page("dialog.timeline-dialog") {
            open.remove();
        }
        let Some(body) = dom::document().body() else {
            return;
        };
        let html = format!(
            "<dialog class=\"timeline-dialog {class}\" aria-label=\"{label}\">{html}</dialog>"
        );
        if let Some(dialog) = dom::append(&body, &html)
            && let Ok(dialog) = dialog.dyn_into::<HtmlDialogElement>()
        {
            // A dialog that was just made is not open.
            let _ = dialog.show_modal();
        }
    }

    pub(super) fn close_dialog() {
        let Some(dialog) = dom::in_page("dialog.timeline-dialog") else {
            return;
        };
        if let Some(dialog) = dialog.dyn_ref::<HtmlDialogElement>() {
            // Closing gives the focus back to where it was.
            dialog.close();
        }
        dialog.remove();
    }

    /// Everything that the palette goes to: what is chosen, and how it is called.
    fn destinations(&self) -> Vec<(String, String)> {
        if let Some(mentionable) = self.mentionable() {
            return mentionable;
        }
        let mut all: Vec<(String, String)> = Vec::new();
        for row in self.rows.borrow().iter().filter(|r| !r.is_hidden()) {
            all.push((format!("go {}", row.id), format!("Lane: {}", row.title())));
        }
        for suspect in super::focus::suspects() {
            let title = dom::one(&suspect, ".suspect-title").and_then(|t| t.text_content());
            let id = dom::attribute(&suspect, "data-suspect");
            all.push((
                format!("focus {id}"),
                format!("Suspect: {}", title.unwrap_or_default()),
            ));
        }
        for link in dom::all(&self.root(), ".preset") {
            let (from, to) = (
                dom::attribute(&link, "data-from"),
                dom::attribute(&link, "data-to"),
            );
            let label = link.text_content().unwrap_or_default();
            all.push((format!("span {from} {to}"), format!("Span: {label}")));
        }
        let actions = [
            ("note", "Write a note at the crosshair"),
            ("scroll #events", "Events"),
            ("scroll #h-notes", "Notes"),
            ("do in", "Zoom in"),
            ("do out", "Zoom out"),
            ("do back", "Back to the view before"),
            ("do keys", "All keys"),
            ("lanes default", "Lanes as at first"),
            ("compare none", "Compare with nothing"),
        ];
        all.extend(actions.map(|(what, label)| (what.to_owned(), label.to_owned())));
        let compared = self
            .rows
            .borrow()
            .iter()
            .any(|r| !r.is_hidden() && r.is_metric());
        for (with, label) in self.shifts().into_iter().filter(|_| compared) {
            all.push((
                format!("compare {with}"),
                format!("Compare with the {label}"),
            ));
        }
        if let Some(body) = dom::document().body() {
            for link in dom::all(&body, ".tabs a, .top nav a") {
                let label = link.text_content().unwrap_or_default();
                all.push((
                    format!("open {}", dom::attribute(&link, "href")),
                    format!("Page: {label}"),
                ));
            }
        }
        let rows = self.rows.borrow();
        for listed in self.listed.borrow().iter() {
            if !rows.iter().any(|r| r.id == listed.id && !r.is_hidden()) {
                all.push((
                    format!("lane show {}", listed.id),
                    format!("Add lane: {}", listed.title),
                ));
            }
        }
        all
    }

    /// Lists what answers the words that are written.
    pub(super) fn fill_palette(&self) {
        let (Some(list), Some(ask)) = (dom::in_page("#palette-list"), palette_ask()) else {
            return;
        };
        let all = self.destinations();
        let mut found = find::found(&ask.value(), all.iter().map(|(_, label)| label.as_str()));
        // The server has found events by more than their names.
        let events = all.iter().enumerate();
        let events = events.filter(|(_, (what, _))| what.starts_with("mention event:"));
        let more: Vec<usize> = events
            .map(|(i, _)| i)
            .filter(|i| !found.contains(i))
            .collect();
        found.extend(more);
        let mut html = String::new();
        for (n, (what, label)) in found
            .iter()
            .filter_map(|i| all.get(*i))
            .take(LISTED)
            .enumerate()
        {
            let _ = write!(
                html,
                "<li role=\"option\" id=\"palette-{n}\" aria-selected=\"{}\" data-choose=\"{}\">{}</li>",
                n == 0,
                escaped(what),
                escaped(label)
            );
        }
        if html.is_empty() {
            html.push_str("<li role=\"option\" aria-disabled=\"true\" aria-selected=\"false\">Nothing is called so</li>");
        }
        list.set_inner_html(&html);
        dom::set(
            &ask,
            "aria-activedescendant",
            (!found.is_empty()).then_some("palette-0"),
        );
    }

    /// Keys in a dialog: those of the palette; the others are the browser's.
    pub(super) fn key_in_dialog(self: &Rc<Self>, name: &str) -> bool {
        if name == "Escape" {
            Self::close_dialog();
            return true;
        }
        let Some(list) = dom::in_page("#palette-list") else {
            return false;
        };
        let items = dom::all(&list, "[data-choose]");
        let place = items
            .iter()
            .position(|i| dom::attribute(i, "aria-selected") == "true")
            .unwrap_or_default();
        let last = items.len().saturating_sub(1);
        let next = match name {
            "Enter" => {
                if let Some(item) = items.get(place) {
                    self.chosen(item);
                }
                return true;
            }
            "ArrowDown" => (place + 1).min(last),
            "ArrowUp" => place.saturating_sub(1),
            _ => return false,
        };
        if let (Some(old), Some(new)) = (items.get(place), items.get(next)) {
            dom::set(old, "aria-selected", Some("false"));
            dom::set(new, "aria-selected", Some("true"));
            new.scroll_into_view_with_bool(false);
            if let Some(ask) = palette_ask() {
                dom::set(&ask, "aria-activedescendant", Some(&new.id()));
            }
        }
        true
    }

    /// An entry of the palette or of a menu was chosen.
    pub(super) fn chosen(self: &Rc<Self>, item: &HtmlElement) {
        let what = dom::attribute(item, "data-choose");
        Self::close_dialog();
        match what.strip_prefix("mention ") {
            Some(value) => self.mention(value, &item.text_content().unwrap_or_default()),
            None => self.choose(&what),
        }
    }

    /// Clicks on what the timeline has added to the page itself.
    pub(super) fn clicked_own(self: &Rc<Self>, event: &Event) {
        if let Some(item) = dom::around(event, "[data-choose]") {
            self.chosen(&item);
            return;
        }
        if self.maybe_mention(event) {
            return;
        }
        if menu::is_outside(event) {
            Self::close_menu();
        }
        if let Some(button) = dom::around(event, ".lanes [data-do]") {
            self.act(&dom::attribute(&button, "data-do"), &button);
        } else if let Some(button) = dom::around(event, ".lanes [data-menu]") {
            let lane = button.closest("[data-lane]").ok().flatten();
            if let Some(lane) = lane {
                self.open_lane_menu(&dom::attribute(&lane, "data-lane"), &button);
            }
        } else if dom::around(event, "[data-close]").is_some() {
            Self::close_dialog();
        } else if let Some(switch) = dom::around(event, "[data-keys-switch]")
            && let Some(input) = switch.dyn_ref::<HtmlInputElement>()
        {
            keys::switch(input.checked());
        } else if let Some(dialog) = dom::around(event, "dialog.timeline-dialog")
            && event.target().as_ref() == Some(dialog.as_ref())
        {
            // The backdrop is the dialog itself.
            Self::close_dialog();
        }
    }
}

pub(super) fn palette_ask() -> Option<HtmlInputElement> {
    dom::in_page(".palette-ask")?.dyn_into().ok()
}
