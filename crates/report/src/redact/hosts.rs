//! Host names of the public Internet in running text: told by their endings, and apart from what is
//! written alike (files, metrics, sentences without a space after the full stop).

use super::scan::host_of;

/// Endings after which two labels are a host: no words, units or endings of files. The last ones are
/// kept for examples (RFC 2606) and for onion services (RFC 7686).
const SURE: &str = " com net org edu gov mil biz xyz eu \
    ae ar au bg ca ch cl cn cz de dk ee fi fr gr hk hu ie il jp ke kr lt lu lv mx ng nl nz pe ph pt ro \
    ru se si sk th tr tw ua uk uy vn za example invalid onion ";

/// Endings that are words, names of metrics or ends of files as well: those hosts have three labels or
/// a port. Countries (ISO 3166-1) and the general endings that companies have.
const THREE: &str = " ac ad af ag ai al am ao aq as at aw ax az ba bb bd be bf bh bi bj bm bn bo br bs \
    bt bw by cd cf cg ci ck cm co cr cu cv cw cx cy dj dm do dz ec eg er es et fj fk fm fo ga gd ge \
    gf gg gh gi gl gm gn gp gq gs gt gu gw gy hm hn hr ht id im in io iq ir is it je jm jo kg kh ki km \
    kn kp kw ky kz la lb lc li lk lr ls ly ma mc me mg mh mk ml mm mn mo mp mq mr mt mu mv mw my mz na \
    nc ne nf ni no np nr nu om pa pf pg pk pl pm pn pr pw qa re rw sa sb sc sd sg sl sm sn sr ss st sv \
    sx sy sz tc td tg tj tk tl tm tn to tt tv tz ug us uz va vc ve vg vi vu wf ws ye yt zm zw \
    agency app bank cloud club company consulting dev digital finance global online shop site software \
    solutions tech test ";

/// Endings of files and units above all: those hosts have three labels and a port.
const FILES: &str = " bz cc md mov ms ps py rs sh so tf zip \
    email group health host info link live media name network page pro run services space store stream \
    support systems team today top work works world zone ";

/// First words of metrics and attributes that are written with dots (`system.disk.io`), after the
/// semantic conventions of OpenTelemetry and the names of collectd and Micrometer.
const METRICS: [&str; 11] = [
    "system",
    "process",
    "container",
    "k8s",
    "kube",
    "jvm",
    "disk",
    "cpu",
    "memory",
    "network",
    "filesystem",
];

/// What everybody's clusters are full of: groups of APIs, labels and public registries.
const EVERYBODYS: [&str; 15] = [
    "k8s.io",
    "docker.io",
    "quay.io",
    "gcr.io",
    "ghcr.io",
    "argoproj.io",
    "fluxcd.io",
    "helm.sh",
    "cert-manager.io",
    "istio.io",
    "prometheus.io",
    "coreos.com",
    "cncf.io",
    "asp.net",
    "slack.com",
];

/// Longest label of a host's name (RFC 1035).
const LABEL: usize = 63;

/// Whether a word is written like a host of the public Internet. `port` says that one follows.
pub(super) fn is_public(word: &str, port: bool) -> bool {
    let labels: Vec<&str> = word.split('.').collect();
    let count = labels.len();
    let Some((last, before)) = labels.split_last() else {
        return false;
    };
    let well_formed = count >= 2
        && before.iter().enumerate().all(|(n, label)| {
            // What services are called, and many databases, is written with an underscore.
            is_label(label, n + 2 < count)
        })
        && before.iter().any(|l| l.contains(char::is_alphabetic));
    well_formed
        && has_one_case(word, last, count)
        && ends_like_a_host(before, last, port)
        && !is_everybodys(word)
        && host_of(word).is_some()
}

fn is_label(label: &str, underscore: bool) -> bool {
    let inner = |c: char| c.is_alphanumeric() || c == '-' || (underscore && c == '_');
    (1..=LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(inner)
}

/// A sentence that follows without a space begins with a capital; a host that is shouted is so whole.
fn has_one_case(word: &str, last: &str, labels: usize) -> bool {
    let lower = last.chars().all(|c| c.is_ascii_lowercase());
    lower || (labels >= 3 && !word.contains(char::is_lowercase))
}

fn ends_like_a_host(before: &[&str], last: &str, port: bool) -> bool {
    let last = last.to_ascii_lowercase();
    let among = |endings: &str| endings.split_ascii_whitespace().any(|e| e == last);
    let first = before.first().copied().unwrap_or_default();
    let is_metric = !port && METRICS.iter().any(|m| m.eq_ignore_ascii_case(first));
    let three = before.len() >= 2;
    if among(SURE) {
        return !(is_metric && last == "net");
    }
    (among(THREE) && (three || port) && !is_metric) || (among(FILES) && three && port)
}

fn is_everybodys(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    EVERYBODYS.iter().any(|name| {
        lower
            .strip_suffix(name)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.') || rest.ends_with("x-"))
    })
}

/// Whether a text goes on with a port: a colon, two to five digits, and no further word.
pub(super) fn begins_with_a_port(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(':') else {
        return false;
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest.get(digits..).and_then(|t| t.chars().next());
    (2..=5).contains(&digits) && !after.is_some_and(|c| c.is_alphanumeric() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_the_internet_are_told_by_their_endings() {
        for (word, port) in [
            ("example.com", false),
            ("api.example.com", false),
            ("Api.example.com", false),
            ("API.EXAMPLE.COM", false),
            ("db.prod.example.com", true),
            ("_ldap._tcp.example.org", false),
            ("my_db.example.co.uk", false),
            ("kunde.de", false),
            ("büro.kunde.de", false),
            ("api.acme.io", false),
            ("acme.io", true),
            ("www.acme.rs", true),
            ("mail.163.com", false),
            ("system.acme.com", false),
        ] {
            assert!(is_public(word, port), "{word}");
        }
    }

    #[test]
    fn what_is_written_alike_is_none() {
        for (word, port) in [
            ("report.html", false),
            ("main.rs", true),
            ("run.sh", false),
            ("notes.v2.md", false),
            ("archive.tar.gz", false),
            ("jquery.min.js", false),
            ("1.2.3", false),
            ("v1.14.9", false),
            ("1.18.in", false),
            ("system.disk.io", false),
            ("disk.io", false),
            ("system.net", false),
            ("http.server.duration", false),
            ("efs.credit.balance", false),
            ("container.network.name", false),
            ("latency.p99.ms", false),
            ("failed.It", false),
            ("was.in", false),
            ("done.At", false),
            ("e.g", false),
            ("a..com", false),
            ("-x.com", false),
            ("com", false),
            ("networking.k8s.io", false),
            ("telemetry.x-k8s.io", false),
            ("kubernetes.io", false),
            ("github.com", false),
            ("ASP.NET", false),
            ("com.acme.shop.Main", false),
        ] {
            assert!(!is_public(word, port), "{word}");
        }
    }

    #[test]
    fn a_port_is_a_short_number() {
        for (text, is) in [
            (":5432", true),
            (":443/x", true),
            (":443.", false),
            (":5", false),
            (":12:30", true),
            (":123456", false),
            (":80a", false),
            ("5432", false),
            ("", false),
        ] {
            assert_eq!(begins_with_a_port(text), is, "{text}");
        }
    }
}
