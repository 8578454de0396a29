//! What becomes of the kinds of objects beside pods and nodes, from list and watch to what is kept.

use crate::{
    api::Server,
    keeper::Memory,
    life::Life,
    runs::{clock, collect, collect_from, config},
};
use model::Event;
use serde_json::{Value, json};
use sources::{
    kubernetes::cluster::{Cluster, ClusterConfig},
    source::Source,
};
use std::time::Duration;

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A cluster with objects as a list shows them, and then with others as a watch tells them.
async fn follow(
    missing: &[&'static str],
    listed: &[(&str, Value)],
    told: &[(&str, Value)],
) -> Memory {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    server.state().missing = missing.to_vec();
    for (plural, object) in listed {
        server.change(|s| s.world.put(plural, object.clone()));
    }
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(30).await;
    for (plural, object) in told {
        server.change(|s| s.world.put(plural, object.clone()));
        pause(30).await;
    }
    collector.abort();
    memory
}

fn kept(memory: &Memory, id: &str) -> Event {
    let kept = memory.kept();
    let found = kept.events.get(id);
    found
        .unwrap_or_else(|| panic!("no {id} in {:#?}", kept.events.keys()))
        .clone()
}

fn said(event: &Event, name: &str) -> String {
    event.attribute(name).unwrap_or_default()
}

/// A revision as the controllers of stateful and daemon sets write it.
fn revision(
    kind: &str,
    owner: &str,
    number: u32,
    image: &str,
    created: &str,
) -> (&'static str, Value) {
    let object = json!({
        "metadata": {"namespace": "shop", "name": format!("{owner}-{number}"),
            "uid": format!("{owner}-{number}"), "creationTimestamp": created,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": kind, "name": owner,
                "uid": "owner", "controller": true}]},
        "revision": number,
        "data": {"spec": {"template": {"$patch": "replace", "spec": {"containers": [
            {"name": "main", "image": image}]}}}},
    });
    ("controllerrevisions", object)
}

#[tokio::test(start_paused = true)]
async fn stateful_and_daemon_sets_roll_out_with_images_before_and_after() {
    for (kind, plural, owner) in [
        ("StatefulSet", "statefulsets", "db"),
        ("DaemonSet", "daemonsets", "agent"),
    ] {
        let set = |generation: u32, at: &str| {
            json!({"metadata": {"namespace": "shop", "name": owner, "uid": "set",
                "generation": generation, "labels": {"helm.sh/chart": format!("{owner}-2.0.{generation}"),
                    "app.kubernetes.io/managed-by": "Helm"},
                "managedFields": [{"manager": "helm", "operation": "Update", "apiVersion": "apps/v1",
                    "time": at, "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:template": {}}}}]},
                "spec": {"replicas": 3}})
        };
        let listed = [
            (plural, set(1, "2020-05-20T18:00:00Z")),
            revision(
                kind,
                owner,
                1,
                "registry.example.org/x:1",
                "2020-05-20T18:00:01Z",
            ),
            revision(
                kind,
                owner,
                2,
                "registry.example.org/x:2",
                "2020-05-20T18:10:01Z",
            ),
        ];
        let told = [
            (plural, set(2, "2020-05-20T18:40:30Z")),
            revision(
                kind,
                owner,
                3,
                "registry.example.org/x:3",
                "2020-05-20T18:40:31Z",
            ),
        ];
        let memory = follow(&[], &listed, &told).await;
        let first = kept(&memory, &format!("rollout-{owner}-1"));
        assert_eq!(said(&first, "change"), "created");
        for number in [2, 3] {
            let event = kept(&memory, &format!("rollout-{owner}-{number}"));
            assert_eq!(
                (event.object.kind.as_str(), event.object.name.as_str()),
                (kind, owner)
            );
            let image = |n: u32| format!("registry.example.org/x:{n}");
            assert_eq!(said(&event, "image"), image(number));
            assert_eq!(said(&event, "image_before"), image(number - 1));
            let title = format!(
                "Rollout of {kind} shop/{owner}, revision {number}: x:{} -> x:{number}",
                number - 1
            );
            assert_eq!(event.title, title);
        }
        // Who rolled it out, and by which chart, the set says of its newest rollout.
        let newest = kept(&memory, &format!("rollout-{owner}-3"));
        assert_eq!(newest.start, Some("2020-05-20T18:40:31Z".parse().unwrap()));
        assert_eq!(said(&newest, "manager"), "helm");
        assert_eq!(said(&newest, "chart"), format!("{owner}-2.0.2"));
        assert_eq!(said(&newest, "managed_by"), "Helm");
    }
}

#[tokio::test(start_paused = true)]
async fn cron_jobs_are_read_where_the_server_has_them() {
    let cron = |generation: u32, schedule: &str, suspend: bool| {
        let object = json!({"metadata": {"namespace": "shop", "name": "report", "uid": "cron",
            "generation": generation}, "spec": {"schedule": schedule, "suspend": suspend}});
        ("cronjobs", object)
    };
    // Kubernetes 1.20 has cron jobs in batch/v1beta1 only, a newer one in batch/v1 only.
    for missing in ["/apis/batch/v1/cronjobs", "/apis/batch/v1beta1"] {
        let told = [cron(2, "*/1 * * * *", false), cron(3, "*/1 * * * *", true)];
        let memory = follow(&[missing], &[cron(1, "@hourly", false)], &told).await;
        let often = kept(&memory, "config-change-cron-2");
        assert_eq!(often.title, "CronJob shop/report: @hourly -> */1 * * * *");
        assert!(often.start.is_some());
        let paused = kept(&memory, "config-change-cron-3");
        assert_eq!(said(&paused, "to"), "*/1 * * * * (suspended)");
        assert!(memory.last_report("cronjobs").unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn what_argo_cd_deployed_is_told_with_who_asked_for_it() {
    let application = |deployments: u32| {
        let history: Vec<Value> = (1..=deployments)
            .map(|n| {
                json!({"id": n, "revision": format!("c0ffee{n}"), "deployedAt": format!("2020-05-20T18:0{n}:00Z"),
                    "source": {"repoURL": "https://git.example.org/shop", "path": "deploy"},
                    "initiatedBy": {"username": "ada"}})
            })
            .collect();
        let object = json!({"metadata": {"namespace": "argocd", "name": "shop", "uid": "app"},
            "status": {"history": history}});
        ("applications", object)
    };
    let memory = follow(&[], &[application(1)], &[application(2), application(3)]).await;
    for n in 1..=3 {
        let event = kept(&memory, &format!("argocd-app-{n}"));
        assert_eq!(event.kind.as_str(), "config_change");
        assert_eq!(event.title, format!("Argo CD deployed shop at c0ffee{n}"));
        assert_eq!(event.start, format!("2020-05-20T18:0{n}:00Z").parse().ok());
        assert_eq!(said(&event, "user"), "ada");
        assert_eq!(said(&event, "repository"), "https://git.example.org/shop");
    }
}

#[tokio::test(start_paused = true)]
async fn what_flux_applied_and_released_is_told() {
    let applied = |n: u32| {
        let object = json!({"metadata": {"namespace": "flux-system", "name": "shop", "uid": "kust"},
            "status": {"lastAppliedRevision": format!("main@sha1:{n}{n}{n}")}});
        ("kustomizations", object)
    };
    let release = |n: u32| {
        let history: Vec<Value> = (1..=n)
            .rev()
            .map(|n| {
                json!({"version": n, "chartName": "mysql", "chartVersion": format!("9.{n}.0"), "appVersion": "8.0",
                    "firstDeployed": "2020-05-20T18:00:00Z", "lastDeployed": format!("2020-05-20T18:0{n}:00Z")})
            })
            .collect();
        let object = json!({"metadata": {"namespace": "shop", "name": "db", "uid": "rel"},
            "status": {"history": history}});
        ("helmreleases", object)
    };
    // Older Flux has its objects under older versions.
    let old = [
        "/apis/kustomize.toolkit.fluxcd.io/v1/",
        "/apis/helm.toolkit.fluxcd.io/v2/",
    ];
    for missing in [&[][..], &old] {
        let told = [applied(2), release(2)];
        let memory = follow(missing, &[applied(1), release(1)], &told).await;
        let kept_now = memory.kept();
        let second = kept_now
            .events
            .values()
            .find(|e| e.title == "Flux applied shop at main@sha1:222")
            .unwrap();
        assert_eq!(said(second, "revision_before"), "main@sha1:111");
        assert!(second.start.is_some());
        drop(kept_now);
        let event = kept(&memory, "helm-rel-2");
        assert_eq!(event.title, "Flux released db: mysql 9.2.0");
        assert_eq!(said(&event, "chart"), "mysql-9.2.0");
        assert_eq!(said(&event, "revision"), "2");
        assert_eq!(event.start, Some("2020-05-20T18:02:00Z".parse().unwrap()));
    }
}

#[tokio::test(start_paused = true)]
async fn what_helm_released_is_told_by_the_metadata_alone_and_only_when_wanted() {
    let revision = |number: u32, status: &str| {
        let object = json!({"metadata": {"namespace": "shop", "name": format!("sh.helm.release.v1.web.v{number}"),
            "uid": format!("rev-{number}"), "creationTimestamp": format!("2020-05-20T18:0{number}:00Z"),
            "labels": {"owner": "helm", "name": "web", "version": number.to_string(), "status": status}}});
        ("secrets", object)
    };
    let listed = [revision(1, "superseded"), revision(2, "deployed")];
    let told = [
        revision(3, "pending-upgrade"),
        revision(2, "superseded"),
        revision(3, "failed"),
        revision(3, "uninstalling"),
    ];
    for wanted in [true, false] {
        let now = clock(0);
        let server = Server::new(7, now.clone());
        for (plural, object) in listed.clone() {
            server.change(|s| s.world.put(plural, object));
        }
        let memory = Memory::default();
        let config = ClusterConfig {
            helm_releases: wanted,
            ..config()
        };
        let collector = collect_from(config.clone(), server.client(), &memory, &now);
        pause(30).await;
        for (plural, object) in told.clone() {
            server.change(|s| s.world.put(plural, object));
            pause(30).await;
        }
        collector.abort();
        let cluster = Cluster::with_client(config, server.client(), "http://test".into());
        let check = cluster.check().await.unwrap();
        assert_eq!(check.contains("secrets"), wanted, "{check}");
        let asked: Vec<(String, String)> = server.state().record.requests.clone();
        let mut asked = asked.iter().filter(|(_, path)| path.contains("secrets"));
        if !wanted {
            assert_eq!(asked.next(), None);
            continue;
        }
        // The double answers nobody who asks for the content.
        assert!(memory.last_report("secrets").unwrap().is_ok());
        assert!(asked.all(|(method, path)| method == "GET"
            && path.starts_with("/api/v1/secrets?")
            && path.contains("labelSelector=owner%3Dhelm")));
        for (number, how, status) in [
            (1, "", ""),
            (2, "", "deployed"),
            (3, ", which failed", "failed"),
        ] {
            let event = kept(&memory, &format!("helm-release-rev-{number}"));
            let title = format!("Helm released shop/web, revision {number}{how}");
            assert_eq!(
                (event.title.as_str(), said(&event, "status").as_str()),
                (title.as_str(), status)
            );
            let at = format!("2020-05-20T18:0{number}:00Z");
            assert_eq!(event.start, Some(at.parse().unwrap()));
            assert_eq!(
                (event.object.kind.as_str(), event.object.name.as_str()),
                ("HelmRelease", "web")
            );
        }
        let gone = kept(&memory, "helm-release-rev-3-uninstalled");
        assert_eq!(gone.title, "Helm uninstalled shop/web");
        assert!(gone.start.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn job_runs_are_counted_by_the_hour() {
    let job = |number: u32, at: &str| {
        let object = json!({"metadata": {"namespace": "shop", "name": format!("report-{number}"),
            "uid": format!("job-{number}"), "creationTimestamp": at},
            "status": {"active": 1, "startTime": at}});
        ("jobs", object)
    };
    let now = clock(0);
    let server = Server::new(7, now.clone());
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(10).await;
    for number in 0..30 {
        let at = now().to_string();
        let (plural, object) = job(number, &at);
        server.change(|s| s.world.put(plural, object));
        pause(600).await;
    }
    pause(3_600).await;
    collector.abort();
    let kept = memory.kept();
    // One every ten minutes for five hours, of which the first and the last were not whole.
    let whole: Vec<f64> = kept.job_runs.values().copied().collect();
    assert!(whole.len() >= 4, "{:?}", kept.job_runs);
    assert!(
        whole.iter().take(4).all(|runs| (*runs - 6.0).abs() < 0.1),
        "{:?}",
        kept.job_runs
    );
    assert!(kept.memory.contains_key("rate/jobs"));
}

#[tokio::test(start_paused = true)]
async fn a_pod_is_tied_to_the_file_system_that_it_mounts() {
    let now = clock(0);
    let server = Server::new(7, now.clone());
    let _life = Life::begin(&server, now.clone(), 3);
    let memory = Memory::default();
    let collector = collect(server.client(), &memory, &now);
    pause(10).await;
    collector.abort();
    let kept = memory.kept();
    let edge = |from: &str, to: &str| {
        let found = kept
            .edges
            .values()
            .find(|e| e.from.starts_with(from) && e.to == to);
        found
            .unwrap_or_else(|| panic!("no edge {from} {to}"))
            .clone()
    };
    let direct = edge("k8s:test/shop/Pod/", "aws:fs-0123abcd");
    assert_eq!(direct.extra["access_point"], "fsap-0456");
    assert_eq!(direct.extra["sub_path"], "sites");
    edge(
        "k8s:test/shop/Pod/",
        "k8s:test/shop/PersistentVolumeClaim/shared",
    );
    edge(
        "k8s:test/shop/PersistentVolumeClaim/shared",
        "k8s:test//PersistentVolume/pv-shared",
    );
    edge("k8s:test//PersistentVolume/pv-shared", "aws:fs-0123abcd");
}
