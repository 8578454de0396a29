//! No name that is replaced survives in anything that leaves, and nothing else is touched.

use chart::{Content, EventItem, Lane, LaneKind, Layout, Shape, Size};
use model::{
    Analysis, Annotation, Edge, EdgeKind, Event, EventKind, Evidence, ObjectRef, Provenance,
    Report, Samples, Series, SeriesMeta, Timestamp, Window,
    report::{Block, Figure, Inline, Section},
};
use proptest::prelude::*;
use report::{
    Input, Said,
    redact::{Material, NameKind, Redaction, RedactionRules},
};

fn minute(n: i64) -> Timestamp {
    Timestamp::from_seconds(1_589_932_800 + n * 60)
}

fn window() -> Window {
    Window {
        start: minute(0),
        end: minute(600),
    }
}

/// What an incident's names are.
#[derive(Clone, Debug)]
struct World {
    namespace: String,
    workload: String,
    pod: String,
    node: String,
    host: String,
    file_system: String,
    person: String,
}

impl World {
    fn names(&self) -> [&String; 7] {
        [
            &self.namespace,
            &self.workload,
            &self.pod,
            &self.node,
            &self.host,
            &self.file_system,
            &self.person,
        ]
    }

    fn evidence(&self) -> Evidence {
        let samples = (0..120).map(|i| (minute(i * 5), if i < 60 { 1.0 } else { 50.0 }));
        let series = |id: &str, key: &str, value: &str| Series {
            meta: SeriesMeta {
                id: id.to_owned(),
                name: "latency".into(),
                stat: "Average".into(),
                unit: "Seconds".into(),
                source: "prometheus".into(),
                dimensions: [(key.to_owned(), value.to_owned())].into(),
                resource: Some(format!("aws:{}", self.file_system)),
                period_s: Some(300),
                ..SeriesMeta::default()
            },
            samples: Samples::from_unordered(samples.clone().collect()),
        };
        Evidence {
            window: window(),
            symptom: vec!["a".into()],
            series: vec![
                series("a", "host", &self.host),
                series("b", "FileSystemId", &self.file_system),
            ],
            events: vec![
                Event {
                    id: "e1".into(),
                    kind: EventKind::Rollout,
                    start: Some(minute(200)),
                    title: format!("{} of {} by {}", self.workload, self.namespace, self.person),
                    namespace: self.namespace.clone(),
                    object: ObjectRef {
                        kind: "Deployment".into(),
                        name: self.workload.clone(),
                    },
                    attributes: [("user".to_owned(), self.person.clone().into())]
                        .into_iter()
                        .collect(),
                    ..Event::default()
                },
                Event {
                    id: "e2".into(),
                    kind: EventKind::PodTerminating,
                    start: Some(minute(201)),
                    title: format!("{} does not leave {}", self.pod, self.node),
                    namespace: self.namespace.clone(),
                    object: ObjectRef {
                        kind: "Pod".into(),
                        name: self.pod.clone(),
                    },
                    node: self.node.clone(),
                    ..Event::default()
                },
            ],
            topology: vec![Edge {
                from: format!("k8s:c/{}/Pod/{}", self.namespace, self.pod),
                to: format!("aws:{}", self.file_system),
                kind: EdgeKind::Mounts,
                extra: model::Extra::default(),
            }],
            provenance: vec![Provenance {
                source: "prometheus".into(),
                query: format!("latency{{host=\"{}\"}}", self.host),
                ..Provenance::default()
            }],
            ..Evidence::default()
        }
    }

    fn notes(&self) -> Vec<Annotation> {
        let named = self.names().map(|n| format!("({n})"));
        vec![Annotation {
            id: "note-1".into(),
            author: self.person.clone(),
            start: minute(210),
            text: format!("Seen: {}.", named.join(", ")),
            ..Annotation::default()
        }]
    }

    fn report(&self, evidence: &Evidence, notes: &[Annotation]) -> Report {
        let mut report = report::build(&Input {
            title: &format!("Slow {}", self.namespace),
            notice: Some(&format!("From {}", self.host)),
            evidence,
            analysis: &Analysis::default(),
            annotations: notes,
            said: Said::default(),
            document: None,
        });
        let all = self.names().map(|n| format!("<{n}>")).join(" ");
        report.sections.push(Section {
            id: format!("of-{}", self.namespace),
            title: format!("About {}", self.workload),
            blocks: vec![
                Block::Table {
                    head: vec![self.node.clone()],
                    rows: vec![vec![vec![
                        Inline::Code(all.clone()),
                        Inline::Strong(self.pod.clone()),
                    ]]],
                },
                Block::Code {
                    label: self.host.clone(),
                    text: serde_json::json!({ "all": self.names(), "text": format!("\n{all}") })
                        .to_string(),
                },
                Block::Paragraph(vec![Inline::Link {
                    text: self.host.clone(),
                    href: format!("https://example.org/?q={}", self.namespace),
                }]),
            ],
        });
        report.figures.push(Figure {
            id: format!("pod.{}", self.namespace),
            value: self.pod.clone().into(),
            unit: "Count".into(),
            evidence: vec![self.file_system.clone()],
            span: None,
            text: self.node.clone(),
        });
        report
    }

    /// An event lane with every name in every place.
    fn lane(&self) -> Lane {
        let item = |name: &String| EventItem {
            event: name.clone(),
            start: minute(100),
            end: None,
            open: false,
            start_unknown: false,
            earliest: None,
            count: 1,
            members: vec![name.clone()],
            group: format!("after {name}"),
            shape: Shape::Dot,
            ink: chart::Ink::Event,
            label: name.clone(),
        };
        Lane {
            id: "lane".into(),
            title: format!("Of {}", self.namespace),
            unit: String::new(),
            kind: LaneKind::Events,
            summary: format!("1 event: {}.", self.pod),
            series: Vec::new(),
            events: vec![self.pod.clone()],
            content: Content::Events {
                layout: Layout::Rows,
                items: self.names().map(item).to_vec(),
            },
            marks: Vec::new(),
            bands: Vec::new(),
        }
    }
}

fn redaction(world: &World, evidence: &Evidence, notes: &[Annotation]) -> Redaction {
    Redaction::of(
        &Material {
            evidence,
            annotations: notes,
            texts: &[],
            records: &[serde_json::json!({ "owner": world.person })],
        },
        &RedactionRules::all(),
    )
}

/// A name as nobody would give it: no word of the report itself, but everything that matching,
/// escaping and joining could trip over.
fn name() -> impl Strategy<Value = String> {
    let letter = prop_oneof![
        6 => prop::char::ranges(vec!['q'..='q', 'z'..='z', 'j'..='k'].into()),
        2 => prop::sample::select(vec!['-', '.', '_', '/', ' ', '1', '7']),
        1 => prop::sample::select(vec!['<', '>', '&', '"', '\'', '\\', '*', '+', '(', ')', '[', '|', '$', '^', '%', '#']),
        1 => prop::sample::select(vec!['ä', 'ß', 'é', 'Ж', '日', '本', '🙂']),
    ];
    let body = prop::collection::vec(letter, 0..12);
    (
        prop::sample::select(vec!["zq", "qzj", "jqk", "zqj-", "qz日"]),
        body,
    )
        .prop_map(|(start, body)| format!("{start}{}", body.into_iter().collect::<String>()))
        .prop_map(|n| n.trim().trim_end_matches(['.', '-', '/', ':']).to_owned())
}

/// Names of which some are parts of others.
fn world() -> impl Strategy<Value = World> {
    (
        name(),
        name(),
        name(),
        name(),
        name(),
        name(),
        name(),
        0..4_u8,
    )
        .prop_map(
            |(namespace, workload, pod, node, host, file_system, person, nested)| {
                let workload = if nested & 1 == 1 {
                    format!("{namespace}-{workload}")
                } else {
                    workload
                };
                let pod = if nested & 2 == 2 {
                    format!("{workload}-797fbbbc6d-whjpp")
                } else {
                    pod
                };
                World {
                    namespace,
                    workload,
                    pod,
                    node,
                    host: host.split([':', '/']).next().unwrap_or_default().to_owned() + "z",
                    file_system,
                    person,
                }
            },
        )
}

/// Whether a name stands anywhere in a text, alone or not.
fn holds(text: &str, name: &str) -> bool {
    text.to_ascii_lowercase()
        .contains(&name.to_ascii_lowercase())
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_name_survives_in_any_output(world in world()) {
        let evidence = world.evidence();
        let notes = world.notes();
        let redaction = redaction(&world, &evidence, &notes);
        let report = world.report(&evidence, &notes);
        let lanes = chart::lanes(&evidence, &Analysis::default(), &notes);
        let lane = world.lane();
        for told in [redaction.report(&report), redaction.report_with(&report, &lanes)] {
            let outputs = [
                report::html(&told),
                report::markdown(&told),
                report::json(&told),
                serde_json::to_string(&report::figures(&told)).unwrap(),
                chart::svg(&redaction.lane(&lane), window(), Size { width: 960, height: 300 }),
                chart::svg(&redaction.lane(&lane), window(), Size { width: 358, height: 300 }),
                format!("{:?}", redaction.lane(&lane)),
                format!("{:?}", redaction.evidence(&evidence)),
                format!("{:?}", notes.iter().map(|n| redaction.annotation(n)).collect::<Vec<_>>()),
            ];
            for output in outputs {
                let plain = unescaped(&output);
                for name in world.names() {
                    prop_assert!(!holds(&output, name), "{name:?} in {output}");
                    prop_assert!(!holds(&plain, name), "{name:?} in {plain}");
                }
            }
        }
    }

    #[test]
    fn the_same_name_has_the_same_stand_in_and_another_name_another(world in world()) {
        let evidence = world.evidence();
        let notes = world.notes();
        let one = redaction(&world, &evidence, &notes);
        let two = redaction(&world, &evidence, &notes);
        prop_assert_eq!(one.names(), two.names());
        let report = world.report(&evidence, &notes);
        prop_assert_eq!(one.report(&report), two.report(&report));
        let mut seen = std::collections::BTreeMap::new();
        for named in one.names() {
            let other = seen.insert(named.stand_in.clone(), named.name.clone());
            prop_assert!(other.is_none(), "{:?} and {:?}", other, named);
            prop_assert!(!one.text(&named.stand_in).is_empty());
            prop_assert_eq!(one.text(&named.stand_in), named.stand_in.clone());
        }
    }

    #[test]
    fn what_holds_no_name_is_unchanged(world in world(), words in "[a-iA-I0-9 .,;:<>&'\"-]{0,80}") {
        // Two words around a full stop may be a host, and around colons an address (`a::1`).
        let words = words.replace('.', ". ").replace(':', ": ");
        let evidence = world.evidence();
        let redaction = redaction(&world, &evidence, &[]);
        prop_assert_eq!(redaction.text(&words), words.clone());
        let report = Report { title: words, ..Report::default() };
        prop_assert_eq!(redaction.report(&report), report);
    }
}

/// Letters of an address that somebody escaped, which nobody has to.
fn escaped(text: &str, mask: u64) -> String {
    let letters = text.bytes().enumerate().map(|(n, byte)| {
        if byte == b'/' || mask >> (n % 64) & 1 == 1 {
            format!("%{byte:02X}")
        } else {
            char::from(byte).to_string()
        }
    });
    letters.collect()
}

proptest! {
    #[test]
    fn names_known_by_their_looks_have_one_stand_in_wherever_they_stand(
        host in "[a-z][a-z0-9]{1,6}(\\.[a-z][a-z0-9-]{0,4}[a-z0-9]){1,3}\\.(com|org|de|example|co\\.uk)",
        port in 10_u32..65_536,
        user in "[q-z]{4,8}",
        secret in "[A-Z][a-z]{3}[0-9]{3}[!$,;/#:]{0,2}[a-z]",
        account in 100_000_000_000_u64..1_000_000_000_000,
        mask in any::<u64>(),
    ) {
        prop_assume!(!["github.com", "amazon.com", "redhat.com", "slack.com", "coreos.com"].contains(&host.as_str()));
        let digits = account.to_string();
        let console = format!("{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..]);
        let pod = "shop-797fbbbc6d-whjpp";
        let text = format!(
            "On {host}, {host}:{port} and https://{user}:{secret}@{host}/x of {console} ({digits}), \
             see https://x/{} and {pod}.", escaped(&format!("pods/{pod}"), mask),
        );
        let texts = [text.clone()];
        let redaction = Redaction::of(
            &Material { evidence: &Evidence::default(), annotations: &[], texts: &texts, records: &[] },
            &RedactionRules::all(),
        );
        let told = redaction.text(&text);
        for name in [&host, &user, &secret, &digits, &console, pod] {
            prop_assert!(!holds(&told, name), "{name} in {told}");
        }
        prop_assert_eq!(told.matches("host-1").count(), 3, "{}", &told);
        prop_assert_eq!(told.matches("account-1").count(), 2, "{}", &told);
        prop_assert_eq!(told.matches("pod-1").count(), 2, "{}", &told);
        prop_assert_eq!(redaction.text(&told), told.clone());
        // Hosts that may be shown are.
        let shown = RedactionRules { hosts: false, images: false, ..RedactionRules::all() };
        let shown = Redaction::new(&Evidence::default(), &shown).knowing([text.as_str()]);
        prop_assert!(holds(&shown.text(&text), &host));
        prop_assert!(!holds(&shown.text(&text), &secret));
    }
}

fn story() -> World {
    World {
        namespace: "alder".into(),
        workload: "alder-production".into(),
        pod: "alder-production-797fbbbc6d-whjpp".into(),
        node: "ip-10-20-16-236.eu-west-1.compute.internal".into(),
        host: "db.alder.example".into(),
        file_system: "fs-3a7c51f2".into(),
        person: "ann.b@alder.example".into(),
    }
}

#[test]
fn the_story_stays_readable() {
    let world = story();
    let evidence = world.evidence();
    let redaction = redaction(&world, &evidence, &world.notes());
    for (text, told) in [
        (
            "alder-production-797fbbbc6d-whjpp on ip-10-20-16-236",
            "app-1-pod-1 on node-A",
        ),
        (
            "the rollout of Alder-Production left pods",
            "the rollout of app-1 left pods",
        ),
        (
            "ReplicaSet alder-production-797fbbbc6d",
            "ReplicaSet app-1-set-1",
        ),
        ("10.20.16.236 mounts fs-3a7c51f2", "node-A mounts fs-1"),
        ("alder-staging", "namespace-1-staging"),
        (
            "Alder Production, alder_production.latency",
            "app-1, app-1.latency",
        ),
    ] {
        assert_eq!(redaction.text(text), told, "{text}");
    }
}

#[test]
fn a_name_that_was_cut_is_replaced_as_well() {
    let world = story();
    let evidence = world.evidence();
    let redaction = redaction(&world, &evidence, &[]);
    let svg = |text: &str| format!("<svg><text x=\"1\">{text}</text></svg>");
    let mut report = Report::default();
    for (text, told) in [
        ("alder-produ…", "app-1…"),
        (
            "after the rollout of alder-production-797fb…",
            "after the rollout of app-1-set-1…",
        ),
        ("stuck on ip-10-20…", "stuck on node-A…"),
        ("a text about all of it…", "a text about all of it…"),
    ] {
        report.sections = vec![Section {
            id: "s".into(),
            title: "S".into(),
            blocks: vec![Block::Chart {
                id: "x".into(),
                summary: String::new(),
                svg: svg(text),
            }],
        }];
        let blocks = &redaction.report(&report).sections[0].blocks;
        let Block::Chart { svg: drawn, .. } = &blocks[0] else {
            panic!("{blocks:?}")
        };
        assert_eq!(drawn, &svg(told));
    }
}

#[test]
fn a_name_that_is_spread_over_a_line_is_found() {
    let world = story();
    let redaction = redaction(&world, &world.evidence(), &[]);
    let line = |pieces: Vec<Inline>| Report {
        sections: vec![Section {
            id: "s".into(),
            title: "S".into(),
            blocks: vec![Block::List(vec![pieces])],
        }],
        ..Report::default()
    };
    let told = redaction.report(&line(vec![
        Inline::Text("of al".into()),
        Inline::Strong("der-prod".into()),
        Inline::Code("uction".into()),
        Inline::Text(", then".into()),
    ]));
    let expected = line(vec![
        Inline::Text("of app-1".into()),
        Inline::Text(", then".into()),
    ]);
    // The last piece begins where the name ends, so it stays by itself.
    assert_eq!(told, expected);
}

#[test]
fn pictures_keep_their_shape() {
    let world = story();
    let evidence = world.evidence();
    let redaction = redaction(&world, &evidence, &[]);
    let report = world.report(&evidence, &[]);
    let paths = |report: &Report| {
        let html = report::html(report);
        html.matches("<path").count() + html.matches("<circle").count()
    };
    assert_eq!(paths(&redaction.report(&report)), paths(&report));
}

#[test]
fn an_account_that_was_read_as_a_number_is_replaced() {
    let redaction = Redaction::new(
        &Evidence {
            events: vec![Event {
                title: "role arn:aws:iam::123456789012:role/x".into(),
                ..Event::default()
            }],
            ..Evidence::default()
        },
        &RedactionRules {
            accounts: true,
            ..RedactionRules::default()
        },
    );
    let figure = |value: serde_json::Value, text: &str| Figure {
        id: "f".into(),
        value,
        unit: "Count".into(),
        evidence: Vec::new(),
        span: None,
        text: text.into(),
    };
    let report = Report {
        figures: vec![
            figure(123_456_789_012.0.into(), "123456789012"),
            figure(7.5.into(), "7.5"),
        ],
        ..Report::default()
    };
    let told = redaction.report(&report);
    assert_eq!(told.figures[0], figure("account-1".into(), "account-1"));
    assert_eq!(told.figures[1], report.figures[1]);
}

#[test]
fn without_rules_nothing_changes_and_one_rule_changes_its_kind_alone() {
    let world = story();
    let evidence = world.evidence();
    let report = world.report(&evidence, &world.notes());
    let none = Redaction::new(&evidence, &RedactionRules::default());
    assert!(none.is_empty());
    assert_eq!(none.report(&report), report);
    let nodes = Redaction::new(
        &evidence,
        &RedactionRules {
            nodes: true,
            ..RedactionRules::default()
        },
    );
    assert!(nodes.names().iter().all(|n| n.kind == NameKind::Node));
    assert_eq!(nodes.text(&world.pod), world.pod);
    assert_eq!(nodes.text(&world.node), "node-A");
}

#[test]
fn pods_are_called_after_a_workload_that_is_shown() {
    let world = story();
    let rules = RedactionRules {
        pods: true,
        ..RedactionRules::default()
    };
    let redaction = Redaction::new(&world.evidence(), &rules);
    assert_eq!(redaction.text(&world.pod), "alder-production-pod-1");
    // The namespace is part of the workload's name.
    let both = Redaction::new(
        &world.evidence(),
        &RedactionRules {
            namespaces: true,
            ..rules
        },
    );
    assert_eq!(both.text(&world.pod), "namespace-1-production-pod-1");
}

#[test]
fn stand_ins_avoid_what_is_there() {
    let mut world = story();
    world.namespace = "app".into();
    world.workload = "app-1".into();
    let mut evidence = world.evidence();
    evidence.events[0].title = "host-1 and node-A were there before".into();
    let redaction = Redaction::new(&evidence, &RedactionRules::all());
    for named in redaction.names() {
        assert!(
            !["host-1", "node-A"].contains(&named.stand_in.as_str()),
            "{named:?}"
        );
        assert_eq!(redaction.text(&named.stand_in), named.stand_in, "{named:?}");
    }
}

/// Ten thousand pods, as in two weeks of a large cluster.
#[test]
fn many_names_are_no_burden() {
    let events = (0..10_000).map(|i| Event {
        id: format!("e{i}"),
        kind: EventKind::PodTerminating,
        object: ObjectRef {
            kind: "Pod".into(),
            name: format!("shop-{}-797fbbbc6d-{i:05}", i % 50),
        },
        start: Some(minute(i % 600)),
        ..Event::default()
    });
    let evidence = Evidence {
        events: events.collect(),
        ..Evidence::default()
    };
    let redaction = Redaction::new(&evidence, &RedactionRules::all());
    assert_eq!(redaction.names().len(), 10_000);
    assert!(
        !redaction
            .text("shop-7-797fbbbc6d-00007 left")
            .contains("shop")
    );
}
