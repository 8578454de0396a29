//! Raw files: what was read from each, what is missing, and the forms that say it.

use crate::render::markup::{IntoMarkup, Markup};
use crate::{
    page::{ColumnsView, FileView},
    render::form::{choice, input},
};
use leptos::prelude::*;

/// The list, and the form for more.
pub(crate) fn files(incident: &str, files: Vec<FileView>) -> Markup {
    let items = files
        .into_iter()
        .enumerate()
        .map(|(i, f)| file(incident.to_owned(), i, f))
        .collect_view();
    view! {
        <section class="panel" aria-labelledby="h-files" data-testid="files">
            <h2 id="h-files">"Files"</h2>
            <ol class="notes files">{items}</ol>
            {more(incident)}
        </section>
    }
    .markup()
}

fn file(incident: String, n: usize, file: FileView) -> Markup {
    let asked = !file.questions.is_empty();
    let list = |lines: Vec<String>| {
        lines
            .into_iter()
            .map(|line| view! { <li>{line}</li> })
            .collect_view()
    };
    let missing = (!file.missing.is_empty()).then(|| {
        view! { <ul class="small gaps">{list(file.missing.clone())}</ul> }
    });
    let questions = asked.then(|| {
        view! {
            <ul class="questions" data-testid="file-question">
                {list(file.questions.clone())}
            </ul>
        }
    });
    let summary = if asked {
        "Answer, and read it again"
    } else {
        "Read it in another way"
    };
    view! {
        <li class="note" data-testid="file">
            <div class="file">
                <p>
                    <strong class="mono">{file.path.clone()}</strong>
                    " "
                    <span class="small dim">{file.about.clone()}</span>
                </p>
                {missing}
                {questions}
                <details class="more" open=asked>
                    <summary>{summary}</summary>
                    {form(incident, n, file)}
                </details>
            </div>
        </li>
    }
    .markup()
}

fn form(incident: String, n: usize, file: FileView) -> Markup {
    let id = move |name: &str| format!("file-{n}-{name}");
    view! {
        <form method="post" action="/api/answer_file">
            <input type="hidden" name="incident" value=incident />
            <input type="hidden" name="path" value=file.path />
            <div class="pair">
                {input(
                    &id("observed_at"),
                    "observed_at",
                    "Taken at (UTC)",
                    "When the file was saved, or when the log ends. The year follows from it.",
                    file.observed_at,
                )}
                {input(
                    &id("timezone"),
                    "timezone",
                    "Time zone of its times",
                    "UTC, an offset such as +02:00, or a name such as Europe/Berlin.",
                    file.timezone,
                )}
            </div>
            {file.columns.map(|columns| table(n, columns))}
            {file.measures.map(|(name, unit)| measures(n, name, unit))}
            <p class="actions">
                <button type="submit" class="button" data-testid="file-answer">
                    "Read again"
                </button>
            </p>
        </form>
    }
    .markup()
}

/// What one series measures: a name that the analysis knows from CloudWatch is understood as such.
fn measures(n: usize, name: String, unit: String) -> Markup {
    let id = move |name: &str| format!("file-{n}-{name}");
    view! {
        <div class="pair">
            {input(
                &id("values"),
                "values",
                "What it measures",
                "As CloudWatch calls it: BurstCreditBalance, MetadataIOBytes, VolumeQueueLength, with \
                 the file system and the statistic if known.",
                name,
            )}
            {input(
                &id("unit"),
                "unit",
                "Unit",
                "Such as Bytes, Bytes/Second, Seconds, Count or Percent.",
                unit,
            )}
        </div>
    }
    .markup()
}

/// The chooser of a table's columns.
fn table(n: usize, columns: ColumnsView) -> Markup {
    let id = move |name: &str| format!("file-{n}-{name}");
    let formats = [
        ("", "as the content shows"),
        ("y-m-d", "2020-05-22 03:00"),
        ("d/m/y", "22/05/2020 03:00"),
        ("m/d/y", "05/22/2020 03:00"),
        ("epoch_s", "seconds since 1970"),
        ("epoch_ms", "milliseconds since 1970"),
        ("epoch_us", "microseconds since 1970"),
    ];
    let commas = [
        ("", "as the content shows"),
        ("no", "1.5, the comma groups thousands"),
        ("yes", "1,5"),
    ];
    view! {
        <div class="pair">
            {input(
                &id("time"),
                "time",
                "Column of times",
                "Its heading, or its number.",
                columns.time,
            )}
            {choice(
                id("time_format"),
                "time_format",
                "Times are written",
                &formats,
                &columns.time_format,
            )}
        </div>
        {input(
            &id("values"),
            "values",
            "Columns of values",
            "With ; between them. Empty: all that hold numbers.",
            columns.values,
        )}
        <div class="pair">
            {input(&id("unit"), "unit", "Unit", "Such as Seconds or Bytes.", columns.unit)}
            {choice(
                id("decimal_comma"),
                "decimal_comma",
                "Numbers are written",
                &commas,
                &columns.decimal_comma,
            )}
        </div>
    }
    .markup()
}

/// More files, or text from the clipboard.
fn more(incident: &str) -> Markup {
    view! {
        <details class="more">
            <summary data-testid="files-add">"Add files or pasted text"</summary>
            <form
                method="post"
                action=format!("/incidents/{incident}/files")
                enctype="multipart/form-data"
            >
                <div class="field">
                    <label for="more-files">"Files"</label>
                    <input id="more-files" name="files" type="file" multiple />
                </div>
                <div class="field">
                    <label for="more-text">"Or pasted text"</label>
                    <textarea
                        id="more-text"
                        name="text"
                        rows="5"
                        spellcheck="false"
                        aria-describedby="more-text-hint"
                    ></textarea>
                    <p class="hint" id="more-text-hint">
                        "A log, a table, what a command printed: what it is shows by its content."
                    </p>
                </div>
                <div class="pair">
                    {input(
                        "more-observed_at",
                        "observed_at",
                        "All taken at (UTC)",
                        "Empty, also where they were taken at different times: asked where it matters.",
                        String::new(),
                    )}
                    {input(
                        "more-timezone",
                        "timezone",
                        "Time zone of times without one",
                        "Empty: it is asked where it matters.",
                        String::new(),
                    )}
                </div>
                <p class="actions">
                    <button type="submit" class="button" data-testid="files-submit">
                        "Add"
                    </button>
                </p>
            </form>
        </details>
    }
    .markup()
}
