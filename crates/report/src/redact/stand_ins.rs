//! What stands for each name. No stand-in contains a name that is replaced, or is a word that was
//! there before.

use super::{
    Named,
    gather::{NameKind, Names, is_trivial},
    matcher::Matcher,
    scan::{address_in, job_of, made_by_a_deployment, replica_set_of, workload_of},
};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

/// Gives every name its stand-in, in the order in which names were met.
pub(super) fn stand_ins(names: &Names) -> (Vec<Named>, Matcher) {
    let mut all = names.list.clone();
    with_implied(names, &mut all);
    let forms = all
        .iter()
        .flat_map(|(kind, name)| spellings(*kind, name))
        .map(|form| (form, String::new()))
        .collect();
    let mut giving = Giving {
        probe: Matcher::new(forms),
        used: names.taken.clone(),
        counts: BTreeMap::new(),
        groups: BTreeMap::new(),
        replaced: all
            .iter()
            .filter(|(kind, _)| *kind == NameKind::Workload)
            .map(|(_, name)| name.to_lowercase())
            .collect(),
    };
    let mut out: Vec<Option<Named>> = all
        .iter()
        .map(|(kind, name)| (*kind != NameKind::Pod).then(|| giving.named(*kind, name)))
        .collect();
    // Pods last: they are called after their workloads, whose names may hold a name themselves.
    let shown = Matcher::new(pairs(out.iter().flatten()));
    for (place, (kind, name)) in out.iter_mut().zip(&all) {
        if place.is_none() {
            *place = Some(Named {
                kind: *kind,
                name: name.clone(),
                stand_in: giving.pod(name, names, &shown),
            });
        }
    }
    let named: Vec<Named> = out.into_iter().flatten().collect();
    let matcher = Matcher::new(pairs(named.iter()));
    (named, matcher)
}

/// Workloads that are known by their pods alone: their names would tell the pods'.
fn with_implied(names: &Names, all: &mut Vec<(NameKind, String)>) {
    let mut seen: HashSet<String> = all.iter().map(|(_, name)| name.to_lowercase()).collect();
    let mut implied = Vec::new();
    for (kind, name) in all.iter() {
        // The ReplicaSet's name is the pod's but for its last five letters.
        if let (NameKind::Pod, Some((_, set))) = (kind, made_by_a_deployment(name))
            && seen.insert(set.to_lowercase())
        {
            implied.push((NameKind::Workload, set.to_owned()));
        }
        let workload = match kind {
            NameKind::Pod => workload_of(name),
            NameKind::Workload => job_of(name),
            _ => None,
        };
        let Some(workload) = workload.filter(|w| !is_trivial(w)) else {
            continue;
        };
        // One that has a name of its own is replaced if that was asked for, and not otherwise.
        let lower = workload.to_lowercase();
        if !names.workloads.contains(&lower) && !names.is_kept(&lower) && seen.insert(lower) {
            implied.push((NameKind::Workload, workload.to_owned()));
        }
    }
    all.extend(implied);
}

fn pairs<'a>(named: impl Iterator<Item = &'a Named>) -> Vec<(String, String)> {
    named
        .flat_map(|n| {
            spellings(n.kind, &n.name)
                .into_iter()
                .map(|form| (form, n.stand_in.clone()))
        })
        .collect()
}

/// How a name may be written: as it is, within an id, in JSON, XML, and addresses; a node without its
/// domain and by its address too.
fn spellings(kind: NameKind, name: &str) -> Vec<String> {
    let mut out = vec![name.to_owned()];
    if kind == NameKind::Node {
        let short = name.split('.').next().unwrap_or(name);
        if !is_trivial(short) && name.parse::<std::net::IpAddr>().is_err() {
            out.push(short.to_owned());
        }
        out.extend(address_in(name));
    }
    if kind == NameKind::Account {
        out.extend(grouped(name));
    }
    if matches!(
        kind,
        NameKind::Namespace | NameKind::Workload | NameKind::Cluster | NameKind::Host
    ) {
        out.extend(spoken_form(name));
    }
    for form in [
        id_form(name),
        // As metrics and databases write what may hold no hyphen.
        name.replace(['-', '.', '/'], "_"),
        json_form(name),
        xml_form(name, "&#39;"),
        xml_form(name, "&apos;"),
        percent_form(name, "%20"),
        percent_form(name, "+"),
    ] {
        if !out.contains(&form) && !is_trivial(&form) {
            out.push(form);
        }
    }
    out
}

/// An account as the console of AWS writes it: `1234-5678-9012`.
fn grouped(account: &str) -> Option<String> {
    let digits = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    let groups = [0..4, 4..8, 8..12].map(|range| account.get(range));
    let [Some(a), Some(b), Some(c)] = groups else {
        return None;
    };
    digits.then(|| format!("{a}-{b}-{c}"))
}

/// As people write a name of several words: `Alder Outdoor` of `alder-outdoor`.
fn spoken_form(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split('-').collect();
    let word = |w: &&str| w.len() >= 3 && w.chars().all(char::is_alphabetic);
    (words.len() >= 2 && words.iter().all(word)).then(|| words.join(" "))
}

/// As `chart` writes a name into the id of a lane.
fn id_form(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect()
}

fn json_form(name: &str) -> String {
    let quoted = serde_json::Value::from(name).to_string();
    quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default()
        .to_owned()
}

fn xml_form(name: &str, quote: &str) -> String {
    name.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', quote)
}

fn percent_form(name: &str, space: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b' ' => out.push_str(space),
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    out
}

/// Stand-ins while they are given out.
struct Giving {
    /// Finds every name that is replaced.
    probe: Matcher,
    used: HashSet<String>,
    counts: BTreeMap<String, usize>,
    /// The stand-in of each workload, by its name in lower case.
    groups: BTreeMap<String, String>,
    /// Workloads that are replaced, in lower case.
    replaced: HashSet<String>,
}

impl Giving {
    fn named(&mut self, kind: NameKind, name: &str) -> Named {
        let stand_in = match kind {
            NameKind::Workload => {
                let run = job_of(name).map(|job| (job, "run"));
                match run.or_else(|| replica_set_of(name).map(|of| (of, "set"))) {
                    Some((of, what)) if self.replaced.contains(&of.to_lowercase()) => {
                        let group = self.group(of);
                        self.next(&format!("{group}-{what}"), false)
                    }
                    Some((_, what)) => self.next(what, false),
                    None => self.group(name),
                }
            }
            NameKind::Node => self.next(kind.word(), true),
            _ => self.next(kind.word(), false),
        };
        Named {
            kind,
            name: name.to_owned(),
            stand_in,
        }
    }

    /// Called after its workload: by the workload's stand-in, or by its name where that is shown.
    fn pod(&mut self, pod: &str, names: &Names, shown: &Matcher) -> String {
        let Some(workload) = workload_of(pod) else {
            return self.next(NameKind::Pod.word(), false);
        };
        let lower = workload.to_lowercase();
        let group = if self.replaced.contains(&lower) {
            self.group(workload)
        } else if names.workloads.contains(&lower) {
            shown.apply(workload).into_owned()
        } else {
            return self.next(NameKind::Pod.word(), false);
        };
        self.next(&format!("{group}-pod"), false)
    }

    fn group(&mut self, workload: &str) -> String {
        let lower = workload.to_lowercase();
        if let Some(known) = self.groups.get(&lower) {
            return known.clone();
        }
        let made = self.next(NameKind::Workload.word(), false);
        self.groups.insert(lower, made.clone());
        made
    }

    /// The next stand-in that begins with that word. There are finitely many names, so one of the
    /// endlessly many candidates holds none.
    fn next(&mut self, word: &str, letters: bool) -> String {
        let mut n = self.counts.get(word).copied().unwrap_or(0);
        loop {
            n += 1;
            let number = if letters {
                letters_of(n)
            } else {
                n.to_string()
            };
            for candidate in [
                format!("{word}-{number}"),
                format!("{word}{number}"),
                // Where the word itself is a name, and `word1` and the like as well.
                format!("{}{number}", "x".repeat(n)),
            ] {
                let free =
                    !self.probe.finds(&candidate) && self.used.insert(candidate.to_lowercase());
                if free {
                    self.counts.insert(word.to_owned(), n);
                    return candidate;
                }
            }
        }
    }
}

/// `A` to `Z`, `AA`, `AB` and on.
fn letters_of(n: usize) -> String {
    let mut rest = n;
    let mut out = Vec::new();
    while rest > 0 {
        rest -= 1;
        out.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    out.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_after_z() {
        let told: Vec<String> = [1, 26, 27, 52, 703].map(letters_of).to_vec();
        assert_eq!(told, ["A", "Z", "AA", "AZ", "AAA"]);
    }

    #[test]
    fn a_name_is_found_in_every_spelling() {
        let forms = spellings(NameKind::Host, "a/b <\"c'>&é");
        for form in [
            "a/b <\"c'>&é",
            "a-b---c----",
            "a/b <\\\"c'>&é",
            "a/b &lt;&quot;c&#39;&gt;&amp;é",
            "a%2Fb%20%3C%22c%27%3E%26%C3%A9",
        ] {
            assert!(forms.iter().any(|f| f == form), "{form}: {forms:?}");
        }
        let node = spellings(NameKind::Node, "ip-10-0-1-2.eu.internal");
        assert_eq!(
            node.get(..3).unwrap(),
            ["ip-10-0-1-2.eu.internal", "ip-10-0-1-2", "10.0.1.2"]
        );
    }
}
