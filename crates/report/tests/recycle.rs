//! The section about nodes to recycle: why, and commands that can be copied into a shell as they stand.

use model::analysis::recycle::NodeToRecycle;
use model::report::Block;
use model::{Analysis, Evidence, Report, Timestamp, Window};
use report::{Input, Said};

fn node(rank: u32, name: &str, reason: &str) -> NodeToRecycle {
    NodeToRecycle {
        rank,
        node: name.into(),
        stuck: vec!["zombie-1".into()],
        reasons: vec![reason.into(), "up for 43 d".into()],
        ..NodeToRecycle::default()
    }
}

fn report_of(nodes_to_recycle: Vec<NodeToRecycle>) -> Report {
    let evidence = Evidence {
        window: Window {
            start: Timestamp::from_seconds(1_590_000_000),
            end: Timestamp::from_seconds(1_590_086_400),
        },
        ..Evidence::default()
    };
    let analysis = Analysis {
        nodes_to_recycle,
        ..Analysis::default()
    };
    report::build(&Input {
        title: "t",
        notice: None,
        evidence: &evidence,
        analysis: &analysis,
        annotations: &[],
        said: Said::default(),
        document: None,
    })
}

#[test]
fn every_node_has_its_reason_as_figures_and_its_commands() {
    let done = NodeToRecycle {
        done_at: Some(Timestamp::from_seconds(1_590_050_000)),
        ..node(3, "node-3", "hosted 1 pod stuck in Terminating")
    };
    let report = report_of(vec![
        node(1, "node-1", "hosts 2 pods stuck in Terminating"),
        node(2, "it's; reboot", "hosts 1 pod stuck in Terminating"),
        done,
    ]);
    let section = report
        .sections
        .iter()
        .find(|s| s.id == "nodes-to-recycle")
        .expect("it has something to say");
    let Some(Block::Code { label, text }) = section.blocks.last() else {
        panic!("commands come last: {:?}", section.blocks)
    };
    assert!(label.contains("Lineup runs nothing"));
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("cordon 'it'\\''s; reboot'\n"), "{text}");
    assert!(!text.contains("node-3"), "{text}");
    let figure = |id: &str| report.figures.iter().find(|f| f.id == id);
    let hosted = figure("recycle.node-1.why").or_else(|| figure("recycle.node-1.why.1"));
    let hosted = hosted.expect("a number is a figure");
    assert_eq!(hosted.evidence, ["zombie-1"]);
    let markdown = report::markdown(&report);
    assert!(markdown.contains("**Recycled:** `node-3`"), "{markdown}");
    assert!(markdown.contains("kubectl drain --ignore-daemonsets"));
    let html = report::html(&report);
    assert!(html.contains("Nodes to recycle first"));
}

#[test]
fn nodes_that_were_recycled_are_not_told_to_be_recycled() {
    let done = |rank, name: &str, at| NodeToRecycle {
        done_at: Some(Timestamp::from_seconds(at)),
        ..node(rank, name, "hosted 1 pod stuck in Terminating")
    };
    let report = report_of(vec![
        done(1, "node-1", 1_590_053_600),
        done(2, "node-2", 1_590_050_000),
    ]);
    let markdown = report::markdown(&report);
    assert!(
        markdown.contains("## Nodes that were recycled"),
        "{markdown}"
    );
    assert!(
        markdown.contains(
            "2 nodes with stuck pods or a known issue were rebooted or left, from 2020-05-21 08:33 UTC \
             to 2020-05-21 09:33 UTC. None is left to do."
        ),
        "{markdown}"
    );
    assert!(!markdown.contains("recycle first"), "{markdown}");
    assert!(!markdown.contains("kubectl"), "{markdown}");
}

#[test]
fn a_long_list_says_how_many_it_leaves_out() {
    let nodes = (1..=60).map(|n| node(n, &format!("node-{n}"), "hosts 1 pod"));
    let markdown = report::markdown(&report_of(nodes.collect()));
    assert!(markdown.contains("10 further nodes are not listed."));
    assert!(!markdown.contains("node-51"));
}

#[test]
fn without_a_reason_there_is_no_section() {
    let report = report_of(Vec::new());
    assert!(report.sections.iter().all(|s| s.id != "nodes-to-recycle"));
}
