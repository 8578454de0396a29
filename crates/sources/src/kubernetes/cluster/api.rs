//! Lists and watches over HTTP, and nothing else: each request is a GET.

use super::trouble::{Trouble, causes};
use crate::{
    kubernetes::part::Resource,
    skew::{Skew, http_date},
    source::Now,
};
use http_body_util::{BodyExt, Limited};
use kube::{
    Client,
    client::Body,
    core::{
        params::{ListParams, WatchParams},
        request::Request,
    },
};
use model::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, future::Future, time::Duration};

/// Longest answer to a list that is read: 500 objects of the largest kind seen in practice.
const MAX_PAGE: usize = 64 << 20;
/// Longest line of a watch. etcd keeps no object above 1.5 MiB.
const MAX_LINE: usize = 16 << 20;
/// A page comes within this time, or not at all.
const PAGE_S: u64 = 60;
/// The server is asked to end a watch after this time, so that servers share the load evenly.
const WATCH_S: u32 = 290;
/// Bookmarks come about once a minute; a connection that is silent for longer than this is dead.
const SILENCE_S: u64 = 150;

/// An API server, and how its clock stands to ours.
pub(crate) struct Api<'a> {
    pub(crate) client: Client,
    pub(crate) now: &'a Now,
    /// How far the server's clock is ahead, as far as it has answered.
    pub(crate) skew: &'a Skew,
}

/// One page of a list.
pub(crate) struct Page {
    body: Vec<u8>,
    /// When the page was asked for, on the server's clock.
    pub(crate) asked_at: Timestamp,
}

/// What a page holds.
#[derive(Deserialize)]
pub(crate) struct Items<'a> {
    #[serde(default)]
    pub(crate) metadata: ListMeta,
    #[serde(borrow)]
    pub(crate) items: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListMeta {
    #[serde(default)]
    pub(crate) resource_version: String,
    #[serde(default, rename = "continue")]
    pub(crate) more: String,
}

impl Page {
    pub(crate) fn items(&self) -> Result<Items<'_>, Trouble> {
        let items: Items<'_> = serde_json::from_slice(&self.body).map_err(|e| malformed(&e))?;
        Ok(items)
    }
}

fn malformed(error: &serde_json::Error) -> Trouble {
    Trouble::Malformed {
        detail: error.to_string(),
    }
}

/// One line of a watch.
#[derive(Deserialize)]
pub(crate) struct Line<'a> {
    #[serde(rename = "type", borrow)]
    pub(crate) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) object: &'a RawValue,
}

impl Api<'_> {
    /// Now, on the server's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.theirs((self.now)())
    }

    /// An instant of our clock on the server's.
    fn theirs(&self, ours: Timestamp) -> Timestamp {
        ours.plus(self.skew.known().unwrap_or(0))
    }

    /// Whether the server's clock is known.
    pub(crate) fn knows_clock(&self) -> bool {
        self.skew.known().is_some()
    }

    /// What the path answers to a plain GET.
    pub(crate) async fn get(&self, path: &str) -> Result<Vec<u8>, Trouble> {
        let request =
            http::Request::get(path)
                .body(Vec::new())
                .map_err(|e| Trouble::Malformed {
                    detail: e.to_string(),
                })?;
        self.whole(request).await
    }

    /// One page of a list; an empty `more` begins it.
    pub(crate) async fn list(
        &self,
        resource: &Resource,
        namespace: &str,
        limit: u32,
        more: &str,
    ) -> Result<Page, Trouble> {
        let params = ListParams {
            limit: Some(limit),
            continue_token: (!more.is_empty()).then(|| more.to_owned()),
            label_selector: resource.only_labels.map(str::to_owned),
            ..ListParams::default()
        };
        let sent = (self.now)();
        let request = Request::new(resource.path(namespace));
        let request = match resource.only_labels {
            Some(_) => request.list_metadata(&params),
            None => request.list(&params),
        };
        let body = self.whole(request.map_err(|e| bad(&e))?).await?;
        Ok(Page {
            body,
            asked_at: self.theirs(sent),
        })
    }

    /// The changes after a version, as they come.
    pub(crate) async fn watch(
        &self,
        resource: &Resource,
        namespace: &str,
        version: &str,
    ) -> Result<Lines, Trouble> {
        let params = WatchParams {
            timeout: Some(WATCH_S),
            bookmarks: true,
            label_selector: resource.only_labels.map(str::to_owned),
            ..WatchParams::default()
        };
        let request = Request::new(resource.path(namespace));
        let request = match resource.only_labels {
            Some(_) => request.watch_metadata(&params, version),
            None => request.watch(&params, version),
        };
        let request = request.map_err(|e| bad(&e))?;
        let body = in_time(PAGE_S, async {
            let (status, retry_after, body) = self.send(request).await?;
            if (200..300).contains(&status) {
                return Ok(body);
            }
            Err(Trouble::of_status(
                status,
                retry_after,
                &limited(body).await?,
            ))
        })
        .await?;
        Ok(Lines {
            body,
            buffer: Vec::new(),
            searched: 0,
        })
    }

    async fn whole(&self, request: http::Request<Vec<u8>>) -> Result<Vec<u8>, Trouble> {
        in_time(PAGE_S, async {
            let (status, retry_after, body) = self.send(request).await?;
            let body = limited(body).await?;
            if (200..300).contains(&status) {
                return Ok(body);
            }
            Err(Trouble::of_status(status, retry_after, &body))
        })
        .await
    }

    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<(u16, Option<u64>, Body), Trouble> {
        let sent = (self.now)();
        let answer = self.client.send(request.map(Body::from)).await;
        let answer = answer.map_err(|e| Trouble::of_client(&e))?;
        let header = |name| answer.headers().get(name)?.to_str().ok();
        // What a gateway answers in its place says nothing of the API server's clock.
        let own = !answer.status().is_server_error();
        let date = header(http::header::DATE).and_then(http_date);
        if let Some(date) = date.filter(|_| own) {
            self.skew.see(date, sent, (self.now)());
        }
        let retry_after = header(http::header::RETRY_AFTER).and_then(|s| s.trim().parse().ok());
        Ok((answer.status().as_u16(), retry_after, answer.into_body()))
    }
}

fn bad(error: &kube::core::request::Error) -> Trouble {
    Trouble::Malformed {
        detail: error.to_string(),
    }
}

async fn in_time<T>(
    seconds: u64,
    work: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    tokio::time::timeout(Duration::from_secs(seconds), work)
        .await
        .unwrap_or(Err(Trouble::TimedOut { seconds }))
}

async fn limited(body: Body) -> Result<Vec<u8>, Trouble> {
    match Limited::new(body, MAX_PAGE).collect().await {
        Ok(whole) => Ok(whole.to_bytes().to_vec()),
        Err(e) if e.is::<http_body_util::LengthLimitError>() => {
            Err(Trouble::TooLarge { limit: MAX_PAGE })
        }
        Err(e) => Err(Trouble::Broken {
            detail: causes(&*e),
        }),
    }
}

/// The lines of a watch.
pub(crate) struct Lines {
    body: Body,
    buffer: Vec<u8>,
    /// Bytes of the buffer that hold no end of a line.
    searched: usize,
}

impl Lines {
    /// Waits for more, and gives every line that is complete by then to the closure. `false` where the
    /// server ended the watch in good order.
    pub(crate) async fn next(
        &mut self,
        each: &mut (dyn FnMut(&str) + Send),
    ) -> Result<bool, Trouble> {
        let frame = in_time(SILENCE_S, async { Ok(self.body.frame().await) }).await?;
        let frame = match frame {
            None => return self.finish(),
            Some(Ok(frame)) => frame,
            Some(Err(e)) => {
                return Err(Trouble::Broken { detail: causes(&e) });
            }
        };
        let Ok(data) = frame.into_data() else {
            return Ok(true);
        };
        self.buffer.extend_from_slice(&data);
        let mut done = 0;
        while let Some(end) = self
            .buffer
            .get(self.searched..)
            .and_then(|rest| rest.iter().position(|b| *b == b'\n'))
        {
            let end = self.searched + end;
            let line = self.buffer.get(done..end).unwrap_or_default();
            // What is no UTF-8 is no JSON either, and is said to be so further on.
            let line = String::from_utf8_lossy(line);
            if !line.trim().is_empty() {
                each(&line);
            }
            done = end + 1;
            self.searched = done;
        }
        self.buffer.drain(..done);
        self.searched = self.buffer.len();
        if self.buffer.len() > MAX_LINE {
            return Err(Trouble::TooLarge { limit: MAX_LINE });
        }
        Ok(true)
    }

    fn finish(&self) -> Result<bool, Trouble> {
        if self.buffer.iter().all(u8::is_ascii_whitespace) {
            return Ok(false);
        }
        Err(Trouble::Broken {
            detail: "in the middle of a line".to_owned(),
        })
    }
}
