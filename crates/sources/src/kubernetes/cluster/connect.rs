//! Finding a cluster: kubeconfig, context, or the service account of the pod that this runs in.

use super::{ClusterConfig, NAME, trouble::causes};
use crate::source::SourceError;
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use std::path::Path;

/// Names of the contexts of a kubeconfig, the current one first. `None`: the files that kubectl
/// would read (`KUBECONFIG`, else `~/.kube/config`).
pub fn contexts(kubeconfig: Option<&Path>) -> Result<Vec<String>, SourceError> {
    let config = read(kubeconfig)?;
    let current = config.current_context.unwrap_or_default();
    let mut names: Vec<String> = config.contexts.into_iter().map(|c| c.name).collect();
    names.sort_by_key(|name| *name != current);
    Ok(names)
}

fn read(kubeconfig: Option<&Path>) -> Result<Kubeconfig, SourceError> {
    let (read, path) = match kubeconfig {
        Some(path) => (Kubeconfig::read_from(path), path.display().to_string()),
        None => (
            Kubeconfig::read(),
            "KUBECONFIG, or ~/.kube/config".to_owned(),
        ),
    };
    read.map_err(|error| SourceError::Invalid {
        name: NAME,
        field: "kubeconfig",
        value: format!("{path}: {}", causes(&error)),
        expected: "a kubeconfig file as kubectl reads it",
    })
}

/// A client for the cluster of a configuration, and its address.
pub(super) async fn client(config: &ClusterConfig) -> Result<(Client, String), SourceError> {
    let mut found = if config.in_cluster {
        Config::incluster().map_err(|error| SourceError::Invalid {
            name: NAME,
            field: "in_cluster",
            value: format!("true, but {}", causes(&error)),
            expected: "a pod with a service account, or false",
        })?
    } else {
        of_kubeconfig(config).await?
    };
    // What goes wrong is tried again here, where it is also reported.
    found.default_retry = false;
    let endpoint = endpoint(&found.cluster_url);
    let client = Client::try_from(found).map_err(|error| SourceError::NoCredentials {
        name: NAME,
        profile: shown(config),
        detail: match super::trouble::Trouble::of_client(&error) {
            super::trouble::Trouble::Unauthorized { detail }
            | super::trouble::Trouble::Unreachable { detail } => detail,
            _ => "the kubeconfig's user cannot be used".to_owned(),
        },
        hint: "check the user of the kubeconfig's context",
    })?;
    Ok((client, endpoint))
}

async fn of_kubeconfig(config: &ClusterConfig) -> Result<Config, SourceError> {
    let file = read(config.kubeconfig.as_deref())?;
    let known = |name: &str| file.contexts.iter().any(|c| c.name == name);
    if let Some(context) = config.context.as_deref().filter(|name| !known(name)) {
        let names: Vec<&str> = file.contexts.iter().map(|c| c.name.as_str()).collect();
        return Err(SourceError::NotFound {
            name: NAME,
            what: format!("context '{context}'"),
            hint: format!("the kubeconfig has {}", names.join(", ")),
        });
    }
    let options = KubeConfigOptions {
        context: config.context.clone(),
        ..KubeConfigOptions::default()
    };
    Config::from_custom_kubeconfig(file, &options)
        .await
        .map_err(|error| SourceError::Invalid {
            name: NAME,
            field: "kubeconfig",
            value: format!("{}{}", causes(&error), shown(config)),
            expected: "a context with a cluster and a user",
        })
}

fn shown(config: &ClusterConfig) -> String {
    let context = config.context.as_deref();
    context.map_or_else(String::new, |context| format!(" (context {context})"))
}

/// An address without what may be secret in it.
fn endpoint(url: &http::Uri) -> String {
    let host = url.host().unwrap_or("");
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{host}{port}", url.scheme_str().unwrap_or("https"))
}
