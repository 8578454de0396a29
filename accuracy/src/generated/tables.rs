//! The tables, in Markdown.

use super::{
    judged::Judged,
    statistics::{Figure, bootstrap, mean, median, share},
};
use simulate::families::Family;

pub(super) fn print(families: &[&Family], all: &[Judged]) {
    println!(
        "| incidents | cases | top-1 | top-3 | avg of top-5 | onset, median min | nearest event | largest z |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for family in families.iter().filter(|f| f.has_culprit) {
        with_culprit(
            family.name,
            &of(all, |j| j.family == family.name && j.has_culprit),
        );
    }
    with_culprit("**all**", &of(all, |j| j.has_culprit));
    with_culprit("hard ones", &of(all, |j| j.has_culprit && j.hard));
    with_culprit("the others", &of(all, |j| j.has_culprit && !j.hard));
    println!("\n| without a culprit | cases | accused with 0.5 or more | onset, median min |");
    println!("| --- | --- | --- | --- |");
    for family in families.iter().filter(|f| !f.has_culprit) {
        without(family.name, &of(all, |j| j.family == family.name));
    }
    without("**all**", &of(all, |j| !j.has_culprit));
    overall(all);
    reliability(all);
    let (slope, offset) = platt(all);
    println!("\nlog-odds that fit best: {slope:.2} times the score's, {offset:+.2}");
}

fn of(all: &[Judged], keep: impl Fn(&Judged) -> bool) -> Vec<&Judged> {
    all.iter().filter(|j| keep(j)).collect()
}

fn percent(f: Figure) -> String {
    format!(
        "{:.1} % ({:.1}–{:.1})",
        100.0 * f.value,
        100.0 * f.low,
        100.0 * f.high
    )
}

fn number(f: Figure, places: usize) -> String {
    format!(
        "{:.places$} ({:.places$}–{:.places$})",
        f.value, f.low, f.high
    )
}

fn count(all: &[&Judged], keep: impl Fn(&Judged) -> bool) -> String {
    percent(share(all.iter().filter(|j| keep(j)).count(), all.len()))
}

fn minutes(all: &[&Judged], value: impl Fn(&Judged) -> Option<f64>) -> String {
    let values: Vec<f64> = all.iter().filter_map(|j| value(j)).collect();
    if values.is_empty() {
        return "–".to_owned();
    }
    number(bootstrap(&values, median), 1)
}

fn with_culprit(name: &str, all: &[&Judged]) {
    if all.is_empty() {
        return;
    }
    let five: Vec<f64> = all.iter().map(|j| j.average_of_five()).collect();
    println!(
        "| {name} | {} | {} | {} | {} | {} | {} | {} |",
        all.len(),
        count(all, Judged::first),
        count(all, |j| j.within(3)),
        number(bootstrap(&five, mean), 3),
        minutes(all, |j| j.onset_error),
        count(all, |j| j.baselines[0]),
        count(all, |j| j.baselines[1]),
    );
}

fn without(name: &str, all: &[&Judged]) {
    if all.is_empty() {
        return;
    }
    println!(
        "| {name} | {} | {} | {} |",
        all.len(),
        count(all, Judged::accuses),
        minutes(all, |j| j.onset_error)
    );
}

fn overall(all: &[Judged]) {
    let every = of(all, |_| true);
    let first: Vec<f64> = all.iter().map(Judged::brier).collect();
    let listed: Vec<f64> = all
        .iter()
        .flat_map(|j| {
            j.scores
                .iter()
                .map(|(s, r)| (s - f64::from(u8::from(*r))).powi(2))
        })
        .collect();
    let sum = |k: fn(&Judged) -> usize| all.iter().map(k).sum::<usize>();
    let (both, found, truly) = (sum(|j| j.stuck.0), sum(|j| j.stuck.1), sum(|j| j.stuck.2));
    let exhausted = of(all, |j| j.exhaustion_error.is_some());
    println!("\n| over all incidents | figure |\n| --- | --- |");
    let hard = all.iter().filter(|j| j.has_culprit && j.hard).count();
    let guilty = all.iter().filter(|j| j.has_culprit).count();
    println!(
        "| hard, of those with a culprit | {} |",
        percent(share(hard, guilty))
    );
    println!(
        "| onset error, median minutes | {} |",
        minutes(&every, |j| j.onset_error)
    );
    println!(
        "| exhaustion error, median minutes ({} incidents) | {} |",
        exhausted.len(),
        minutes(&exhausted, |j| j.exhaustion_error)
    );
    println!(
        "| said to be exhausted and was not | {} |",
        all.iter().filter(|j| j.false_exhaustion).count()
    );
    println!(
        "| stuck pods, precision | {} |",
        percent(share(both, found))
    );
    println!("| stuck pods, recall | {} |", percent(share(both, truly)));
    println!(
        "| Brier score of the first suspect | {} |",
        number(bootstrap(&first, mean), 4)
    );
    if !listed.is_empty() {
        println!(
            "| Brier score of all that are listed | {} |",
            number(bootstrap(&listed, mean), 4)
        );
    }
}

/// Bins of the reliability table.
const BINS: usize = 10;

fn reliability(all: &[Judged]) {
    println!(
        "\n| score | suspects | mean score | of them right | |\n| --- | --- | --- | --- | --- |"
    );
    for bin in 0..BINS {
        let inside: Vec<(f64, bool)> = all
            .iter()
            .flat_map(|j| j.scores.iter().copied())
            .filter(|(s, _)| ((s * BINS as f64) as usize).min(BINS - 1) == bin)
            .collect();
        if inside.is_empty() {
            continue;
        }
        let right = inside.iter().filter(|(_, r)| *r).count();
        let said = inside.iter().map(|(s, _)| s).sum::<f64>() / inside.len() as f64;
        let is = share(right, inside.len());
        let bar = "█".repeat((20.0 * is.value).round() as usize);
        println!(
            "| {:.1}–{:.1} | {} | {said:.2} | {} | {bar} |",
            bin as f64 / BINS as f64,
            (bin + 1) as f64 / BINS as f64,
            inside.len(),
            percent(is)
        );
    }
}

/// The map from log-odds to log-odds that would make the scores of these incidents most likely: slope
/// and offset of a logistic regression (Platt 1999), by Newton's method. (1, 0): nothing to correct.
fn platt(all: &[Judged]) -> (f64, f64) {
    let pairs: Vec<(f64, f64)> = all
        .iter()
        .flat_map(|j| &j.scores)
        .map(|(s, right)| ((s / (1.0 - s)).ln(), f64::from(u8::from(*right))))
        .collect();
    let (mut a, mut b) = (1.0, 0.0);
    for _ in 0..25 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for (x, y) in &pairs {
            let p: f64 = 1.0 / (1.0 + (-(a * x + b)).exp());
            let w = p * (1.0 - p);
            ga += (y - p) * x;
            gb += y - p;
            haa += w * x * x;
            hab += w * x;
            hbb += w;
        }
        let det = haa * hbb - hab * hab;
        a += (hbb * ga - hab * gb) / det;
        b += (haa * gb - hab * ga) / det;
    }
    (a, b)
}
