//! Holds the shape of the workspace: who may depend on whom, what may never be linked, and that there
//! is one of each thing of which there must be one (ARCHITECTURE.md, "Invariants").

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};

/// What each crate of the workspace may depend on inside it, tests and benchmarks included.
/// `server` alone may use all of them; `accuracy` is no part of Lineup but measures it.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("accuracy", &["analysis", "model", "simulate"]),
    ("analysis", &["model"]),
    ("app", &["chart", "model"]),
    ("chart", &["model"]),
    ("frontend", &["app"]),
    ("model", &[]),
    ("report", &["chart", "model"]),
    ("simulate", &["model"]),
    ("sources", &["model"]),
    ("store", &["model"]),
];

/// Crates that compute and nothing else: no runtime, no network and no database in all they link.
const PURE: [&str; 5] = ["analysis", "chart", "model", "report", "simulate"];
const IMPURE: [&str; 6] = [
    "hyper",
    "kube-client",
    "reqwest",
    "rustls",
    "sqlx-core",
    "tokio",
];

/// What the pages may never link, not even on the server: they state what they need as a trait.
const NOT_IN_PAGES: [&str; 5] = [
    "aws-config",
    "aws-types",
    "k8s-openapi",
    "kube-client",
    "sqlx-core",
];

/// Other TLS stacks than rustls with ring.
const OTHER_TLS: [&str; 6] = [
    "aws-lc-rs",
    "aws-lc-sys",
    "boring",
    "native-tls",
    "openssl",
    "openssl-sys",
];

/// Other async runtimes than tokio.
const OTHER_RUNTIMES: [&str; 5] = ["actix-rt", "async-executor", "async-std", "glommio", "smol"];

/// Of which there must be one version only.
const SINGLE: [&str; 5] = ["axum", "hyper", "ring", "rustls", "tokio"];

/// The workspace's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The triple of this machine, so that the packages of other systems need not be downloaded.
fn host() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc prints UTF-8");
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    line.expect("rustc -vV names the host").to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options([
            "--locked".to_owned(),
            "--filter-platform".to_owned(),
            host(),
        ])
        .exec()
        .expect("cargo metadata describes the workspace")
}

/// The packages of the workspace by name.
fn members(metadata: &Metadata) -> BTreeMap<String, &Package> {
    let packages = metadata.workspace_packages().into_iter();
    packages
        .map(|package| (package.name.to_string(), package))
        .collect()
}

/// Names of everything that `package` links or runs to be built, itself left out. What only its tests
/// need does not count.
fn linked(metadata: &Metadata, package: &PackageId) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("cargo metadata resolves");
    let nodes: BTreeMap<&PackageId, _> = resolve
        .nodes
        .iter()
        .map(|node| (&node.id, &node.deps))
        .collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![package];
    while let Some(id) = open.pop() {
        for dependency in nodes[id] {
            let kinds = &dependency.dep_kinds;
            let counts = kinds
                .iter()
                .any(|kind| kind.kind != DependencyKind::Development);
            if counts && seen.insert(&dependency.pkg) {
                open.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter()
        .map(|id| metadata[id].name.to_string())
        .collect()
}

/// Those of `names` that are in `linked`.
fn found(linked: &BTreeSet<String>, names: &[&str]) -> Vec<String> {
    names
        .iter()
        .filter(|name| linked.contains(**name))
        .map(ToString::to_string)
        .collect()
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    let members = members(&metadata);
    let known: BTreeSet<&str> = ALLOWED
        .iter()
        .map(|(name, _)| *name)
        .chain(["server"])
        .collect();
    let present: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(
        present, known,
        "a crate came or went: say in ALLOWED what it may depend on"
    );

    for (name, allowed) in ALLOWED {
        for dependency in &members[name].dependencies {
            let inside = dependency.path.is_some();
            assert!(
                !inside || allowed.contains(&dependency.name.as_str()),
                "{name} must not depend on {} ({:?} dependency)",
                dependency.name,
                dependency.kind,
            );
        }
    }
}

#[test]
fn pages_link_no_database_and_no_cloud_client() {
    let metadata = metadata();
    let linked = linked(&metadata, &members(&metadata)["app"].id);
    // The resolved graph is that of the server, so `app` stands in it with `ssr`.
    assert!(
        linked.contains("leptos_axum"),
        "`app` was looked at without `ssr`"
    );
    assert_eq!(found(&linked, &NOT_IN_PAGES), Vec::<String>::new());
}

#[test]
fn pure_crates_link_no_runtime_and_no_network() {
    let metadata = metadata();
    for name in PURE {
        let linked = linked(&metadata, &members(&metadata)[name].id);
        assert_eq!(
            found(&linked, &IMPURE),
            Vec::<String>::new(),
            "linked by {name}"
        );
    }
}

#[test]
fn one_tls_stack_one_runtime_one_http_client() {
    let metadata = metadata();
    let linked = linked(&metadata, &members(&metadata)["server"].id);
    assert_eq!(
        found(&linked, &OTHER_TLS),
        Vec::<String>::new(),
        "rustls with ring is the one"
    );
    assert_eq!(
        found(&linked, &OTHER_RUNTIMES),
        Vec::<String>::new(),
        "tokio is the one"
    );
    for name in SINGLE {
        let packages = metadata
            .packages
            .iter()
            .filter(|package| package.name.as_str() == name);
        let versions: BTreeSet<String> = packages
            .map(|package| package.version.to_string())
            .collect();
        assert_eq!(versions.len(), 1, "{name} is there as {versions:?}");
    }
}

/// The version of `package` in a lock file's text.
fn locked(lock: &str, package: &str) -> Option<String> {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry)?;
    rest.split('"').next().map(ToOwned::to_owned)
}

#[test]
fn bundler_speaks_the_format_of_the_module() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect(path);
    let module = locked(&read("Cargo.lock"), "wasm-bindgen");
    let bundler = locked(&read("bundler/Cargo.lock"), "wasm-bindgen-cli-support");
    assert!(module.is_some(), "wasm-bindgen stands in Cargo.lock");
    assert_eq!(
        module, bundler,
        "wasm-bindgen and the bundler's library must be of one version"
    );
}
