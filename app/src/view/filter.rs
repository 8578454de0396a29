//! Which events are listed.

/// A filter of events; empty parts hold back nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that the title or message has.
    pub text: String,
    /// Kind of event, as in a bundle.
    pub kind: String,
    /// Kubernetes namespace.
    pub namespace: String,
    /// Name of the object.
    pub object: String,
    /// Node.
    pub node: String,
}

/// Longest part of a filter, in characters.
pub const LONGEST: usize = 200;

impl Filter {
    /// The parts by their names in an address, in order.
    pub fn parts(&self) -> [(&'static str, &str); 5] {
        [
            ("text", &self.text),
            ("kind", &self.kind),
            ("namespace", &self.namespace),
            ("object", &self.object),
            ("node", &self.node),
        ]
    }

    /// The part of that name.
    pub fn part(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "text" => &mut self.text,
            "kind" => &mut self.kind,
            "namespace" => &mut self.namespace,
            "object" => &mut self.object,
            "node" => &mut self.node,
            _ => return None,
        })
    }

    /// Whether it holds back nothing.
    pub fn is_empty(&self) -> bool {
        self.parts().iter().all(|(_, value)| value.is_empty())
    }
}

/// Names that are meant by what somebody wrote: the one that is called just so, where there is one, else
/// all that have it as a part. Pages show names without their ends, and nobody types a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    asked: String,
    /// `Kind/` or `namespace/` before the name of an object.
    before: Option<String>,
    whole: bool,
}

impl Part {
    /// Reads what was written; `names` are all that there are.
    pub fn of<'a>(asked: &str, mut names: impl Iterator<Item = &'a str>) -> Self {
        let asked = asked.to_lowercase();
        let whole = names.any(|name| name.to_lowercase() == asked);
        Self {
            asked,
            before: None,
            whole,
        }
    }

    /// The same of an object, which may be written `name`, `Kind/name` or `namespace/name`.
    pub fn of_object<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Self {
        match asked.split_once('/') {
            Some((before, name)) => Self {
                before: Some(before.to_lowercase()),
                ..Self::of(name, names)
            },
            None => Self::of(asked, names),
        }
    }

    /// Whether a name is meant.
    pub fn fits(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        if self.whole {
            name == self.asked
        } else {
            name.contains(&self.asked)
        }
    }

    /// Whether an object is meant.
    pub fn fits_object(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let before = self.before.as_ref();
        before.is_none_or(|b| kind.to_lowercase() == *b || namespace.to_lowercase() == *b)
            && self.fits(name)
    }
}

/// What letting go of a part of a filter is called: the part, as in [`Filter::parts`], what it asks for,
/// and the events that fit without it.
pub fn without(part: &str, asked: &str, events: usize) -> String {
    let (part, asked) = match part {
        "text" => ("words", asked.to_owned()),
        "kind" => ("kind", asked.replace('_', " ")),
        part => (part, asked.to_owned()),
    };
    let events = match events {
        1 => "1 event".to_owned(),
        n => format!("{n} events"),
    };
    format!("Drop the {part} “{asked}”: {events}")
}

/// What is said where no event fits.
pub const NONE_FITS: &str =
    "No event is in this window and fits. A wider window or fewer filters may show some.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_name_is_enough_and_the_name_itself_means_only_that() {
        let nodes = ["ip-10-20-20-37.eu-west-1.compute.internal", "ip-10-20-20-3"];
        let found = |asked: &str| -> Vec<&str> {
            let part = Part::of(asked, nodes.into_iter());
            nodes.into_iter().filter(|n| part.fits(n)).collect()
        };
        assert_eq!(found("ip-10-20-20-37"), [nodes[0]]);
        assert_eq!(found("IP-10-20"), nodes);
        assert_eq!(found("ip-10-20-20-3"), [nodes[1]], "just so");
        assert!(found("ip-11").is_empty());
    }

    #[test]
    fn an_object_is_found_by_its_kind_or_namespace_too() {
        let names = ["Web-1", "web-10"];
        let found = |asked: &str| -> Vec<&str> {
            let part = Part::of_object(asked, names.into_iter());
            let fits = |n: &&str| part.fits_object("Deployment", "shop", n);
            names.into_iter().filter(fits).collect()
        };
        assert_eq!(found("web"), names);
        assert_eq!(found("deployment/web"), names);
        assert_eq!(found("shop/web-10"), ["web-10"]);
        assert_eq!(found("web-1"), ["Web-1"]);
        assert!(found("Pod/web").is_empty());
    }
}
