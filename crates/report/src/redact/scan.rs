//! Names that can be told by their looks, in any text: ids of clouds, addresses, generated pods.

use super::{
    escapes,
    gather::NameKind,
    hosts::{begins_with_a_port, is_public},
    userinfo::userinfo,
};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Letters of the names that Kubernetes generates (`k8s.io/apimachinery/pkg/util/rand`).
const SAFE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// Ends of names that are known inside a network alone, or that name one customer's resource.
const INSIDE: [&str; 9] = [
    ".internal",
    ".local",
    ".lan",
    ".corp",
    ".intranet",
    ".private",
    ".svc",
    ".home.arpa",
    ".amazonaws.com",
];

/// Public pages that everybody may see named.
const PUBLIC: [&str; 8] = [
    "github.com",
    "kubernetes.io",
    "aws.amazon.com",
    "amazon.com",
    "redhat.com",
    "kernel.org",
    "nist.gov",
    "launchpad.net",
];

/// Beginnings of ids in AWS, followed by 8 or 17 hexadecimal digits.
const AWS_IDS: [(&str, NameKind); 10] = [
    ("fs-", NameKind::FileSystem),
    ("fsap-", NameKind::FileSystem),
    ("fsmt-", NameKind::FileSystem),
    ("vol-", NameKind::FileSystem),
    ("i-", NameKind::Node),
    ("eni-", NameKind::Host),
    ("vpc-", NameKind::Host),
    ("subnet-", NameKind::Host),
    ("sg-", NameKind::Host),
    ("lt-", NameKind::Host),
];

/// Tells every name that a text shows by its looks, in no order; as it is written, and as it is read
/// where it is escaped for an address.
pub(super) fn scan(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    written(text, tell);
    if let Some(read) = escapes::unescaped(text) {
        written(&read.text, tell);
    }
}

fn written(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    userinfo(text, tell);
    accounts(text, tell);
    aws_ids(text, tell);
    addresses(text, tell);
    for token in tokens(text) {
        whole(token, tell);
        for (word, after) in words(token) {
            if is_inside(word) || is_public(word, begins_with_a_port(after)) {
                tell(NameKind::Host, word);
            }
            if made_by_a_deployment(word).is_some() {
                tell(NameKind::Pod, word);
            }
        }
    }
}

/// Parts of a token, each with what follows it; without those that begin in an escape.
fn words(token: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = [':', '/', '=', '@', '?', '#', '&', '%'];
    let mut rest = Some(token);
    let mut escaped = false;
    std::iter::from_fn(move || {
        let text = rest?;
        let at = text.find(ends).unwrap_or(text.len());
        let (word, after) = text.split_at(at);
        let mut next = after.chars();
        let end = next.next();
        rest = end.map(|_| next.as_str());
        let hex = word.bytes().take(2).filter(u8::is_ascii_hexdigit).count();
        let part_of_an_escape = std::mem::replace(&mut escaped, end == Some('%')) && hex == 2;
        let word = if part_of_an_escape { "" } else { word };
        Some((word.trim_matches('.'), after))
    })
}

/// What stands between spaces, quotes and brackets.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'`<>(){}[],;|\\".contains(c))
        .map(|t| t.trim_matches(|c: char| ".:!?*".contains(c)))
        .filter(|t| !t.is_empty())
}

/// A token taken as one: an address with a scheme, of mail, of the sixth version, or an image.
fn whole(token: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    if let Some((_, rest)) = token.split_once("://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        if let Some(host) = host_of(host) {
            tell(NameKind::Host, host);
        }
        return;
    }
    let mail = token.strip_prefix("mailto:").unwrap_or(token);
    if let Some((name, domain)) = mail.split_once('@')
        && domain.contains('.')
        && !name.is_empty()
        && !domain.contains('@')
    {
        let domain = domain.split(['/', ':']).next().unwrap_or(domain);
        tell(NameKind::Person, &format!("{name}@{domain}"));
        if is_host(domain) {
            tell(NameKind::Host, domain);
        }
    }
    let address = token.split(['/', '%']).next().unwrap_or_default();
    if address
        .parse::<Ipv6Addr>()
        .is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
    {
        tell(NameKind::Host, address);
    }
    let registry = token.split('/').next().unwrap_or_default();
    if token.contains('/') && is_host(registry.split(':').next().unwrap_or_default()) {
        tell(NameKind::Image, image_of(token));
    }
}

/// An image without its tag and digest.
pub(super) fn image_of(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The host of `host`, `host:port` or an address; `None` where it is nobody's secret.
pub(super) fn host_of(text: &str) -> Option<&str> {
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split('/').next().unwrap_or_default();
    let host = match text.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) && !host.contains(':') => {
            host
        }
        _ => text,
    };
    let lower = host.to_ascii_lowercase();
    let public = PUBLIC.iter().any(|p| {
        lower == *p
            || lower
                .strip_suffix(p)
                .is_some_and(|rest| rest.ends_with('.'))
    });
    let here = ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains(&lower.as_str());
    (!host.is_empty() && !public && !here).then_some(host)
}

/// Whether a text is written like a host's name with a domain.
fn is_host(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let label =
        |l: &&str| !l.is_empty() && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    labels.len() >= 2
        && labels.iter().all(label)
        && labels
            .last()
            .is_some_and(|l| l.len() >= 2 && l.chars().all(|c| c.is_ascii_alphabetic()))
        && host_of(text).is_some()
}

fn is_inside(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let inside = INSIDE
        .iter()
        .any(|end| lower.len() > end.len() && lower.ends_with(end));
    inside && is_host(&lower)
}

/// Runs of exactly twelve digits that stand alone, and three of four between hyphens, as the console of
/// AWS writes them.
fn accounts(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        if run.len() == 12 && run.bytes().all(|b| b.is_ascii_digit()) {
            tell(NameKind::Account, run);
        }
    }
    for run in text.split(|c: char| !(c.is_alphanumeric() || is_hyphen(c))) {
        if let Some(account) = account_of(run.trim_matches(is_hyphen)) {
            tell(NameKind::Account, &account);
        }
    }
}

/// Hyphens, the one included at which no line breaks, and the dash that is typed for one.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}')
}

/// The account that is written with hyphens: `123456789012` of `1234-5678-9012`.
pub(super) fn account_of(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(is_hyphen).collect();
    let four = |g: &&str| g.len() == 4 && g.bytes().all(|b| b.is_ascii_digit());
    (groups.len() == 3 && groups.iter().all(four)).then(|| groups.concat())
}

fn aws_ids(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    for (prefix, kind) in AWS_IDS {
        for (at, _) in text.match_indices(prefix) {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let digits = rest
                .find(|c: char| !c.is_ascii_hexdigit())
                .unwrap_or(rest.len());
            let after = rest.get(digits..).and_then(|t| t.chars().next());
            let alone = !before.is_some_and(char::is_alphanumeric)
                && !after.is_some_and(char::is_alphanumeric);
            if alone
                && [8, 17].contains(&digits)
                && let Some(id) = text.get(at..at + prefix.len() + digits)
            {
                tell(kind, id);
            }
        }
    }
}

/// Addresses of the fourth version, also as nodes are named after them: `ip-10-20-16-236`.
fn addresses(text: &str, tell: &mut dyn FnMut(NameKind, &str)) {
    for run in text.split(|c: char| !(c.is_ascii_digit() || c == '.')) {
        let run = run.trim_matches('.');
        let ip = run.parse::<Ipv4Addr>();
        if ip.is_ok_and(|ip| !ip.is_loopback() && !ip.is_unspecified() && !ip.is_broadcast()) {
            tell(NameKind::Host, run);
        }
    }
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')) {
        if address_in(word).is_some() {
            tell(NameKind::Node, word.trim_end_matches('.'));
        }
    }
}

/// The address that a node is named after.
pub(super) fn address_in(node: &str) -> Option<String> {
    let own = node.split('.').next()?.strip_prefix("ip-")?;
    let ip = own.replace('-', ".");
    ip.parse::<Ipv4Addr>().is_ok().then_some(ip)
}

fn is_safe(text: &str) -> bool {
    text.chars().all(|c| SAFE.contains(c))
}

/// The workload of a pod whose name a `ReplicaSet` made, with the `ReplicaSet`'s name.
pub(super) fn made_by_a_deployment(pod: &str) -> Option<(&str, &str)> {
    let (set, own) = pod.rsplit_once('-')?;
    let (workload, hash) = set.rsplit_once('-')?;
    let hashed = (8..=10).contains(&hash.len()) && is_safe(hash);
    (own.len() == 5 && is_safe(own) && hashed && !workload.is_empty()).then_some((workload, set))
}

/// The workload of a `ReplicaSet`: `shop-web` of `shop-web-797fbbbc6d`.
pub(super) fn replica_set_of(set: &str) -> Option<&str> {
    let (workload, hash) = set.rsplit_once('-')?;
    let numbered = hash.bytes().any(|b| b.is_ascii_digit());
    ((8..=10).contains(&hash.len()) && is_safe(hash) && numbered && !workload.is_empty())
        .then_some(workload)
}

/// Fewest digits of the number that a `CronJob` gives each of its runs: minutes since 1970.
const RUN_DIGITS: usize = 6;

/// The job of one of its runs: `report` of `report-27483920`.
pub(super) fn job_of(run: &str) -> Option<&str> {
    let (job, number) = run.rsplit_once('-')?;
    let digits = number.len() >= RUN_DIGITS && number.bytes().all(|b| b.is_ascii_digit());
    (digits && !job.is_empty()).then_some(job)
}

/// The workload that a pod's name is made from; `None` where it has a name of its own.
pub(super) fn workload_of(pod: &str) -> Option<&str> {
    if let Some((workload, _)) = made_by_a_deployment(pod) {
        return Some(workload);
    }
    let (rest, own) = pod.rsplit_once('-')?;
    if rest.is_empty() {
        return None;
    }
    if own.len() == 5 && is_safe(own) {
        return Some(job_of(rest).unwrap_or(rest));
    }
    let place = (1..=4).contains(&own.len()) && own.bytes().all(|b| b.is_ascii_digit());
    place.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(NameKind, String)> {
        let mut out = Vec::new();
        scan(text, &mut |kind, name| out.push((kind, name.to_owned())));
        out.sort();
        out.dedup();
        out
    }

    #[test]
    fn names_are_told_by_their_looks() {
        use NameKind::{Account, FileSystem, Host, Image, Node, Person, Pod};
        for (text, kind, name) in [
            ("arn:aws:iam::123456789012:role/x", Account, "123456789012"),
            ("efs.fs-3a7c51f2.balance", FileSystem, "fs-3a7c51f2"),
            ("i-0123456789abcdef0 went", Node, "i-0123456789abcdef0"),
            ("from 10.20.30.40:8080.", Host, "10.20.30.40"),
            (
                "to fe80::1ff:fe23:4567:890a",
                Host,
                "fe80::1ff:fe23:4567:890a",
            ),
            (
                "on ip-10-20-16-236.eu-west-1.compute.internal",
                Node,
                "ip-10-20-16-236.eu-west-1.compute.internal",
            ),
            (
                "GET https://db.acme.example:9000/x?y",
                Host,
                "db.acme.example",
            ),
            ("mysql.prod.svc refused", Host, "mysql.prod.svc"),
            ("by ann.b@acme.example,", Person, "ann.b@acme.example"),
            (
                "image registry.acme.example/shop/php:7.4",
                Image,
                "registry.acme.example/shop/php",
            ),
            ("at api.example.com, then", Host, "api.example.com"),
            (
                "dial db.prod.example.com:5432.",
                Host,
                "db.prod.example.com",
            ),
            ("in account 1234-5678-9012.", Account, "123456789012"),
            ("1234\u{2011}5678\u{2011}9012", Account, "123456789012"),
            (
                "https://x/pods%2Fshop-web-797fbbbc6d-whjpp",
                Pod,
                "shop-web-797fbbbc6d-whjpp",
            ),
            ("?to=https%3A%2F%2Fdb.acme.io%2Fx", Host, "db.acme.io"),
            ("mailto:kim@acme.example", Person, "kim@acme.example"),
            (
                "logs of shop-web-797fbbbc6d-whjpp:",
                Pod,
                "shop-web-797fbbbc6d-whjpp",
            ),
        ] {
            assert!(
                told(text).contains(&(kind, name.to_owned())),
                "{text}: {:?}",
                told(text)
            );
        }
    }

    #[test]
    fn what_is_no_name_is_left_alone() {
        for text in [
            "2308974418330 bytes at 03:00:12 of v1.14.9",
            "https://github.com/kubernetes/kubernetes/issues/64137",
            "2020-05-22T03:00:00Z, metadata at 99.5 %",
            "proxy-read-timeout 60 s to 75 s; mount_helper_common.go:36",
            "shop-production stays, std::net::Ipv4Addr too",
            "report.html of 1.2.3, server.go:443, main.rs:36 and run.sh",
            "It failed.At noon it was up.It went on, system.disk.io at 7",
            "1f0e4c5a-1234-5678-9012-0123456789ab, 1234-5678-9012-3456",
            "apis%2Fapps%2Fv1 at 100%25, app.kubernetes.io/name",
        ] {
            assert_eq!(told(text), [], "{text}");
        }
    }

    #[test]
    fn pods_are_known_by_their_workload() {
        for (pod, workload) in [
            ("shop-web-797fbbbc6d-whjpp", Some("shop-web")),
            ("db-0", Some("db")),
            ("report-27483920-x7k2p", Some("report")),
            ("agent-whjpp", Some("agent")),
            ("alone", None),
            ("alice-debug", None),
        ] {
            assert_eq!(workload_of(pod), workload, "{pod}");
        }
    }
}
