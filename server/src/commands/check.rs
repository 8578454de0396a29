//! `lineup check`: tries every configured source.

use super::{CommandError, print};
use crate::{collect, registry::Registry};
use futures::future::join_all;
use std::fmt::Write as _;

pub(super) async fn run(registry: &Registry) -> Result<(), CommandError> {
    let sources = registry.all();
    if sources.is_empty() {
        return Err(CommandError::Differs(
            "no source is configured: name a configuration file with --config or LINEUP_CONFIG \
             (`[[source]]` tables), or set KUBECONFIG or AWS_PROFILE"
                .into(),
        ));
    }
    let answers = join_all(sources.iter().map(collect::check)).await;
    let name = sources
        .iter()
        .map(|s| s.name().len())
        .max()
        .unwrap_or(0)
        .max(6);
    let kind = sources
        .iter()
        .map(|s| s.facts.kind.len())
        .max()
        .unwrap_or(0)
        .max(4);
    let mut table = format!(
        "{:name$}  {:kind$}  {:5}  {}\n",
        "SOURCE", "KIND", "STATE", "WHAT"
    );
    for (source, answer) in sources.iter().zip(&answers) {
        let (state, what) = match answer {
            Ok(what) => ("ok", what),
            Err(what) => ("fails", what),
        };
        let what = what.replace('\n', " ");
        // Writing to a text cannot fail.
        let _ = writeln!(
            table,
            "{:name$}  {:kind$}  {state:5}  {what}",
            source.name(),
            source.facts.kind
        );
    }
    print(&table)?;
    let failing = answers.iter().filter(|a| a.is_err()).count();
    if failing > 0 {
        return Err(CommandError::Differs(format!(
            "{failing} of {} sources fail",
            answers.len()
        )));
    }
    Ok(())
}
