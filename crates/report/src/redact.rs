//! Names replaced by stand-ins before a report leaves.
//!
//! The names are gathered from the evidence: from what events, dimensions and edges say of themselves,
//! and from every text by their looks (ids of clouds, addresses, pods). The same name has the same
//! stand-in everywhere, and pods are called after their workload, so that the story stays readable:
//! `app-3-pod-1` is a pod of `app-3`. Names are found in any spelling of ASCII case, as words of their
//! own (a hyphen, a dot, a slash ends a word), the longest first; no name that is replaced is left in
//! what comes out, whatever it is made of.
//!
//! What a rule cannot know (a customer's name written with a space, a nickname) is for
//! [`RedactionRules::patterns`], and for whoever looks at the preview.

mod escapes;
mod gather;
mod hosts;
mod matcher;
mod picture;
mod scan;
mod stand_ins;
mod userinfo;
mod walk;

use gather::Names;
use matcher::Matcher;
use model::{Annotation, Evidence};

pub use gather::NameKind;
pub use model::share::RedactionRules;

/// A name that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is the name of.
    pub kind: NameKind,
    /// The name.
    pub name: String,
    /// What stands for it.
    pub stand_in: String,
}

/// Where names are gathered from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// What was measured and what happened.
    pub evidence: &'a Evidence,
    /// What people noted.
    pub annotations: &'a [Annotation],
    /// Further texts: a title, what people wrote.
    pub texts: &'a [String],
    /// What people decided and set out to do, as JSON: names are told by the names of its fields too.
    pub records: &'a [serde_json::Value],
}

/// Replaces names. Pure: equal material and rules give equal stand-ins.
#[derive(Clone, Debug)]
pub struct Redaction {
    names: Names,
    named: Vec<Named>,
    matcher: Matcher,
    /// Names in lower case, in order, with their place in `named`.
    sorted: Vec<(String, usize)>,
}

impl Redaction {
    /// Of the names in that evidence.
    pub fn new(evidence: &Evidence, rules: &RedactionRules) -> Self {
        Self::of(
            &Material {
                evidence,
                annotations: &[],
                texts: &[],
                records: &[],
            },
            rules,
        )
    }

    /// Of the names in all that material. Where several outputs of one incident are to have the same
    /// stand-ins, give each the same material.
    pub fn of(material: &Material<'_>, rules: &RedactionRules) -> Self {
        let mut names = Names::new(rules);
        if rules.is_empty() {
            return Self::made(names);
        }
        names.evidence(material.evidence);
        for note in material.annotations {
            names.annotation(note);
        }
        for text in material.texts {
            names.text(text);
        }
        for record in material.records {
            names.value(record);
        }
        Self::made(names)
    }

    /// The same, and names that further texts show by their looks. What has a stand-in keeps it.
    #[must_use]
    pub fn knowing<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut names = self.names.clone();
        let before = names.list.len();
        for text in texts {
            names.text(text);
        }
        if names.list.len() == before {
            return self.clone();
        }
        Self::made(names)
    }

    fn made(names: Names) -> Self {
        let (named, matcher) = stand_ins::stand_ins(&names);
        let mut sorted: Vec<(String, usize)> = named
            .iter()
            .enumerate()
            .map(|(i, n)| (n.name.to_lowercase(), i))
            .collect();
        sorted.sort();
        Self {
            names,
            named,
            matcher,
            sorted,
        }
    }

    /// Whether nothing is replaced.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.names.is_idle()
    }

    /// Every name with its stand-in: for whoever shares, and for nobody else.
    pub fn names(&self) -> &[Named] {
        &self.named
    }

    /// A text with its names replaced.
    pub fn text(&self, text: &str) -> String {
        self.matcher.apply(text).into_owned()
    }
}
