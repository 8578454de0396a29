//! Nodes to recycle first, and the commands for it, which are shown and never run.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// A node that had better be drained and rebooted, or replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeToRecycle {
    /// 1 comes first.
    pub rank: u32,
    /// Its name.
    pub node: String,
    /// Its cluster; empty where nobody said.
    #[serde(default)]
    pub cluster: String,
    /// Event ids of the stuck pods that it hosted in the window, the oldest first.
    #[serde(default)]
    pub stuck: Vec<String>,
    /// How many of them were there at the window's end.
    #[serde(default)]
    pub still_stuck: u32,
    /// Known issues of this incident that its kubelet has, by id.
    #[serde(default)]
    pub issues: Vec<String>,
    /// Version of its kubelet; empty: unknown.
    #[serde(default)]
    pub kubelet: String,
    /// Version of its kernel; empty: unknown.
    #[serde(default)]
    pub kernel: String,
    /// When it last booted or joined, where that is known.
    #[serde(default)]
    pub up_since: Option<Timestamp>,
    /// When it was rebooted or left, where that was after its last stuck pod: nothing is left to do.
    #[serde(default)]
    pub done_at: Option<Timestamp>,
    /// Why, the weightiest first: half sentences with their numbers.
    pub reasons: Vec<String>,
    /// Ids of the events that say so.
    #[serde(default)]
    pub events: Vec<String>,
}

impl NodeToRecycle {
    /// The commands that empty the node, one a line of a POSIX shell. None where nothing is left to do, and
    /// where its name holds characters that no name of a node has and no shell should see.
    ///
    /// `--skip-wait-for-delete-timeout` keeps the drain from waiting for the very pods that do not go. Pods with
    /// local data make it stop: `--delete-emptydir-data`, which destroys them, is for people to add.
    pub fn commands(&self) -> Vec<String> {
        if self.done_at.is_some() || self.node.is_empty() || self.node.contains(char::is_control) {
            return Vec::new();
        }
        let node = quoted(&self.node);
        // A name must not be taken for an option.
        let node = if self.node.starts_with('-') {
            format!("-- {node}")
        } else {
            node
        };
        vec![
            format!("kubectl cordon {node}"),
            format!(
                "kubectl drain --ignore-daemonsets --skip-wait-for-delete-timeout=60 --timeout=10m {node}"
            ),
        ]
    }
}

/// A word of a POSIX shell: nothing in it means anything to the shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn node(name: &str) -> NodeToRecycle {
        NodeToRecycle {
            node: name.into(),
            ..NodeToRecycle::default()
        }
    }

    #[test]
    fn the_shell_reads_each_name_as_it_is() {
        for name in [
            "ip-10-0-1-5.eu-west-1.compute.internal",
            "a; rm -rf /",
            "$(reboot)",
            "`reboot`",
            "it's \"here\" \\ & there|*?[a]{b}~#!",
            "-o yaml",
            "--all",
            "ü",
        ] {
            for (line, words) in node(name).commands().iter().zip([2, 5]) {
                // The shell itself says what it makes of the line.
                let script = line.replacen("kubectl", "printf '%s\\n'", 1);
                let out = Command::new("sh").args(["-c", &script]).output().unwrap();
                let said = String::from_utf8(out.stdout).unwrap();
                let mut said: Vec<&str> = said.lines().collect();
                assert_eq!(said.pop(), Some(name), "{line}");
                if name.starts_with('-') {
                    assert_eq!(said.pop(), Some("--"), "{line}");
                }
                assert_eq!(said.len(), words - 1, "{line}");
            }
        }
    }

    #[test]
    fn there_is_no_command_for_what_is_done_or_has_no_name() {
        let done = NodeToRecycle {
            done_at: Some(Timestamp::from_seconds(0)),
            ..node("a")
        };
        for none in [done, node(""), node("a\nreboot"), node("a\u{1b}[2K")] {
            assert!(none.commands().is_empty(), "{none:?}");
        }
        assert_eq!(node("a").commands().len(), 2);
    }
}
