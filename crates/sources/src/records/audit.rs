//! One audit record of the Kubernetes API server (audit.k8s.io/v1), and the pattern by which
//! CloudWatch Logs chooses the records that matter.

use super::event_id;
use model::{Event, EventKind, Extra, ObjectRef, Timestamp};
use serde::Deserialize;

/// Name of the source.
pub const NAME: &str = "eks-audit";

/// Which records count.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// What the cluster is called.
    pub cluster: &'a str,
    /// Namespaces that count; empty: all.
    pub namespaces: &'a [String],
    /// Whether requests of Kubernetes' own controllers count too.
    pub controllers: bool,
}

/// A line of the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Line<'a> {
    /// The record, as JSON.
    pub message: &'a str,
    /// When the log took it in: its time, where the record says none.
    pub at: Option<Timestamp>,
    /// The log's own id of it: its id, where the record has none.
    pub id: &'a str,
}

/// Requests that change something, and how people say it.
const VERBS: [(&str, &str); 5] = [
    ("create", "created"),
    ("update", "updated"),
    ("patch", "patched"),
    ("delete", "deleted"),
    ("deletecollection", "deleted all"),
];
/// Resources that matter, and their kinds.
const RESOURCES: [(&str, &str); 8] = [
    ("deployments", "Deployment"),
    ("statefulsets", "StatefulSet"),
    ("daemonsets", "DaemonSet"),
    ("replicasets", "ReplicaSet"),
    ("jobs", "Job"),
    ("cronjobs", "CronJob"),
    ("pods", "Pod"),
    ("nodes", "Node"),
];
/// Parts of an object that matter; the others (status, log, exec) are no changes of a workload.
const PARTS: [&str; 3] = ["eviction", "scale", "ephemeralcontainers"];
/// Beginnings of the names of Kubernetes' own controllers.
const CONTROLLERS: [&str; 4] = [
    "system:node:",
    "system:kube-",
    "system:apiserver",
    "system:serviceaccount:kube-system:",
];

/// The filter pattern: at most 1,024 characters are allowed. What passes is checked again.
pub fn pattern(controllers: bool) -> String {
    let any = |field: &str, values: &[&str]| {
        let each: Vec<String> = values
            .iter()
            .map(|v| format!("($.{field} = \"{v}\")"))
            .collect();
        format!("({})", each.join(" || "))
    };
    let verbs: Vec<&str> = VERBS.iter().map(|(verb, _)| *verb).collect();
    let resources: Vec<&str> = RESOURCES.iter().map(|(resource, _)| *resource).collect();
    let mut parts = vec![
        "($.stage = \"ResponseComplete\")".to_owned(),
        any("verb", &verbs),
        any("objectRef.resource", &resources),
        // Said both ways, since whether `!=` holds for a field that is missing is not documented.
        "(($.objectRef.subresource NOT EXISTS) || ($.objectRef.subresource != \"status\"))"
            .to_owned(),
    ];
    if !controllers {
        let each = CONTROLLERS
            .iter()
            .map(|c| format!("($.user.username != \"{c}*\")"));
        parts.extend(each);
    }
    format!("{{ {} }}", parts.join(" && "))
}

/// A line is no audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecord;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default, rename = "auditID")]
    audit_id: String,
    #[serde(default)]
    stage: String,
    verb: String,
    #[serde(default)]
    user: User,
    impersonated_user: Option<User>,
    #[serde(default)]
    user_agent: String,
    object_ref: Option<Reference>,
    response_status: Option<Status>,
    response_object: Option<Response>,
    request_received_timestamp: Option<String>,
}

#[derive(Default, Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Deserialize)]
struct Reference {
    #[serde(default)]
    resource: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    subresource: String,
}

#[derive(Default, Deserialize)]
struct Status {
    code: Option<u16>,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

/// The event of a line; `None` for a request that does not matter.
///
/// # Errors
/// A line that is no audit record.
pub fn event(line: Line<'_>, scope: Scope<'_>) -> Result<Option<Event>, NoRecord> {
    let record: Record = serde_json::from_str(line.message).map_err(|_| NoRecord)?;
    let received = record.request_received_timestamp.as_deref();
    let at = received
        .and_then(|text| text.parse::<Timestamp>().ok())
        .or(line.at)
        .ok_or(NoRecord)?;
    let Some(object) = record.object_ref.as_ref() else {
        return Ok(None);
    };
    let did = VERBS.iter().find(|(verb, _)| *verb == record.verb);
    let kind = RESOURCES
        .iter()
        .find(|(resource, _)| *resource == object.resource);
    let (Some((_, did)), Some((_, kind))) = (did, kind) else {
        return Ok(None);
    };
    if !counts(&record, object, scope) {
        return Ok(None);
    }
    // A name that the server made up (generateName) stands in its answer only.
    let made = record
        .response_object
        .as_ref()
        .map(|r| r.metadata.name.as_str());
    let name = match object.name.as_str() {
        "" => made.unwrap_or_default(),
        name => name,
    };
    let status = record.response_status.as_ref();
    let code = status.and_then(|s| s.code);
    let failed = code.is_some_and(|c| c >= 400);
    let mut attributes = Extra::new();
    let mut put = |key: &str, value: &str| {
        if !value.is_empty() {
            let value: String = value.chars().take(300).collect();
            attributes.insert(key.into(), value.into());
        }
    };
    put("user", &record.user.username);
    let other = record
        .impersonated_user
        .as_ref()
        .map(|u| u.username.as_str());
    put("impersonated", other.unwrap_or_default());
    put("verb", &record.verb);
    put("part", &object.subresource);
    put("user_agent", &record.user_agent);
    if failed {
        let reason = status.map(|s| s.reason.as_str()).filter(|r| !r.is_empty());
        let code = code.map(|c| c.to_string()).unwrap_or_default();
        put("error", reason.unwrap_or(&code));
    }
    if let Some(code) = code {
        attributes.insert("code".into(), code.into());
    }
    let place = [object.namespace.as_str(), name];
    let place: Vec<&str> = place.into_iter().filter(|p| !p.is_empty()).collect();
    let part = match object.subresource.as_str() {
        "" => String::new(),
        part => format!(" ({part})"),
    };
    let title = format!(
        "{} {did} {kind} {}{part}{}",
        record.user.username,
        place.join("/"),
        if failed { ", refused" } else { "" }
    );
    // A request has one id, whatever the number of its stages.
    let id = match record.audit_id.as_str() {
        "" => line.id,
        id => id,
    };
    Ok(Some(Event {
        id: event_id(NAME, id),
        kind: EventKind::ConfigChange,
        start: Some(at),
        title,
        cluster: scope.cluster.to_owned(),
        namespace: object.namespace.clone(),
        object: ObjectRef {
            kind: (*kind).into(),
            name: name.into(),
        },
        source: NAME.into(),
        attributes,
        ..Event::default()
    }))
}

fn counts(record: &Record, object: &Reference, scope: Scope<'_>) -> bool {
    let finished = record.stage.is_empty() || record.stage == "ResponseComplete";
    let part = object.subresource.is_empty() || PARTS.contains(&object.subresource.as_str());
    let own = CONTROLLERS
        .iter()
        .any(|c| record.user.username.starts_with(c));
    let here = object.namespace.is_empty()
        || scope.namespaces.is_empty()
        || scope.namespaces.contains(&object.namespace);
    finished && part && here && (scope.controllers || !own)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_pattern_is_one_that_the_service_takes() {
        for controllers in [false, true] {
            let pattern = pattern(controllers);
            assert!(pattern.len() <= 1_024, "{} characters", pattern.len());
            let open = pattern.matches('(').count();
            assert_eq!(open, pattern.matches(')').count());
        }
    }

    fn line(message: &str) -> Line<'_> {
        let at = Some(Timestamp::from_millis(1));
        Line {
            message,
            at,
            id: "1",
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused_without_a_panic(text in "\\PC{0,200}") {
            let _ = event(line(&text), Scope::default());
        }

        #[test]
        fn any_record_with_odd_fields_is_read_without_a_panic(
            verb in "(create|delete|get|)", resource in "(pods|nodes|x|)", name in "\\PC{0,30}", code in 0u16..999,
        ) {
            let record = serde_json::json!({"verb": verb, "auditID": name,
                "objectRef": {"resource": resource, "name": name}, "responseStatus": {"code": code}});
            let got = event(line(&record.to_string()), Scope::default()).expect("it is a record");
            let matters = matches!(verb.as_str(), "create" | "delete")
                && matches!(resource.as_str(), "pods" | "nodes");
            prop_assert_eq!(got.is_some(), matters);
        }
    }
}
