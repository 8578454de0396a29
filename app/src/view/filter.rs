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
