//! All range queries of a pull. What comes is kept; what does not is named with its span.

use super::answer::Matrix;
use super::asked::Asked;
use super::attempt::Reply;
use super::call::{Api, Failure};
use super::config::PrometheusConfig;
use super::plan::{self, Grid};
use super::series::{Collected, Room};
use crate::source::{Progress, SourceError};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use model::Gap;

/// Queries that are asked at a time: a Prometheus takes 20 (`--query.max-concurrency`), of all who ask.
const AT_A_TIME: usize = 4;
/// How often a span that is too much is halved: a 64th of a call, then it is given up.
const MAX_HALVINGS: u32 = 6;

/// What came of one call, whole or in pieces.
struct Piece {
    grid: Grid,
    got: Result<Reply<Matrix>, SourceError>,
}

/// The text of a query at a step.
pub(super) fn query(asked: &Asked, grid: Grid, config: &PrometheusConfig) -> String {
    let span = plan::rate_interval(grid.step_s, config.scrape_interval_s);
    asked.query.replace("$__rate_interval", &span)
}

/// Asks everything; what came of each query, in their order. An error means that nothing came at all.
pub(super) async fn all(
    api: &Api,
    config: &PrometheusConfig,
    asked: &[Asked],
    grid: Grid,
    progress: &dyn Progress,
) -> Result<Vec<Collected>, SourceError> {
    let calls = plan::calls(grid);
    let todo: Vec<(usize, Grid)> = (0..asked.len())
        .flat_map(|i| calls.iter().map(move |call| (i, *call)))
        .collect();
    let total = u32::try_from(todo.len()).unwrap_or(u32::MAX);
    let mut answers: Vec<Collected> = asked.iter().map(|_| Collected::default()).collect();
    let mut room = Room::default();
    let mut first_error = None;
    let mut hopeless = None;
    let mut done = 0;
    {
        let mut futures: Vec<BoxFuture<'_, (usize, Vec<Piece>)>> = Vec::new();
        for (i, call) in &todo {
            if let Some(one) = asked.get(*i) {
                let pieces = ask(api, config, one, *call);
                futures.push(pieces.map(|pieces| (*i, pieces)).boxed());
            }
        }
        let mut running = stream::iter(futures).buffered(AT_A_TIME);
        while let Some((i, pieces)) = running.next().await {
            done += 1;
            let id = asked.get(i).map_or("", |a| a.id.as_str());
            progress.step(done, total, &format!("{id} came"));
            let Some(collected) = answers.get_mut(i) else {
                continue;
            };
            for piece in pieces {
                match piece.got {
                    Ok(reply) => take(collected, id, piece.grid, reply, &mut room),
                    Err(error) => {
                        collected.gaps.push(missing(id, piece.grid, &error));
                        if is_hopeless(&error) {
                            hopeless = Some(error.to_string());
                        }
                        first_error.get_or_insert(error);
                    }
                }
            }
            if hopeless.is_some() {
                break;
            }
        }
    }
    if let Some(reason) = hopeless {
        for (i, call) in todo.iter().skip(done as usize) {
            if let (Some(asked), Some(collected)) = (asked.get(*i), answers.get_mut(*i)) {
                collected.gaps.push(Gap {
                    what: asked.id.clone(),
                    window: Some(call.window()),
                    reason: format!("not asked any more: {reason}"),
                });
            }
        }
    }
    let anything = answers.iter().any(|a| !a.answered.is_empty());
    match first_error {
        Some(error) if !anything => Err(error),
        _ => Ok(answers),
    }
}

/// Whether the next call would fail for the same reason.
fn is_hopeless(error: &SourceError) -> bool {
    matches!(
        error,
        SourceError::Unreachable { .. }
            | SourceError::NoCredentials { .. }
            | SourceError::AccessDenied { .. }
            | SourceError::TimedOut { .. }
            | SourceError::Throttled { .. }
    )
}

fn missing(id: &str, grid: Grid, error: &SourceError) -> Gap {
    Gap {
        what: id.to_owned(),
        window: Some(grid.window()),
        reason: error.to_string(),
    }
}

fn take(collected: &mut Collected, id: &str, grid: Grid, reply: Reply<Matrix>, room: &mut Room) {
    let mut note = |reason: String| {
        collected.gaps.push(Gap {
            what: id.to_owned(),
            window: Some(grid.window()),
            reason,
        });
    };
    if reply.partial {
        note(
            "the server says that the answer is partial (isPartial): some of its storage nodes \
             did not answer; pull again when they are back"
                .into(),
        );
    }
    for warning in reply.warnings.iter().take(5) {
        let warning: String = warning.chars().take(300).collect();
        note(format!(
            "the server warns that the answer may be incomplete: {warning}"
        ));
    }
    collected.add(id, grid.window(), reply.data, room);
}

/// One call; where it asks for more than the server gives, in halves.
async fn ask(api: &Api, config: &PrometheusConfig, asked: &Asked, call: Grid) -> Vec<Piece> {
    let text = query(asked, call, config);
    let mut out = Vec::new();
    // The earliest on top.
    let mut todo = vec![(call, 0)];
    while let Some((grid, depth)) = todo.pop() {
        match (range(api, config, &text, grid).await, grid.halves()) {
            (Ok(reply), _) => out.push(Piece {
                grid,
                got: Ok(reply),
            }),
            (Err(Failure::TooMuch(_)), Some((early, late))) if depth < MAX_HALVINGS => {
                todo.push((late, depth + 1));
                todo.push((early, depth + 1));
            }
            (Err(failure), _) => {
                let given_up = matches!(failure, Failure::TooMuch(_));
                // The rest is no smaller: it is named, but not asked.
                let last = todo.first().filter(|_| given_up).map(|(last, _)| last.last);
                let grid = Grid {
                    last: last.unwrap_or(grid.last),
                    ..grid
                };
                let got = Err(failure.into_error());
                out.push(Piece { grid, got });
                if given_up {
                    break;
                }
            }
        }
    }
    out
}

async fn range(
    api: &Api,
    config: &PrometheusConfig,
    query: &str,
    grid: Grid,
) -> Result<Reply<Matrix>, Failure> {
    let (start, end) = (grid.first.seconds(), grid.last.seconds());
    let (start, end, step) = (start.to_string(), end.to_string(), grid.step_s.to_string());
    let mut form = vec![
        ("query", query),
        ("start", start.as_str()),
        ("end", end.as_str()),
        ("step", step.as_str()),
    ];
    let lookback = config.lookback_s.map(|s| format!("{s}s"));
    if let Some(lookback) = &lookback {
        form.push(("lookback_delta", lookback));
        form.push(("max_lookback", lookback));
    }
    api.post("api/v1/query_range", &form).await
}
