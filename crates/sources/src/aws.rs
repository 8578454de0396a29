//! What the sources in Amazon Web Services share: how a client is made, how its failures are
//! worded, how a call is waited for and how pages are followed. One SDK client a source.

mod account;
mod changes;
mod client;
mod connected;
mod failure;
mod pages;
mod wait;

pub(crate) use crate::records::{event_id, short_hash};
pub(crate) use account::{Account, Service, invalid, is_word};
pub(crate) use changes::{Askable, askable, batch};
pub(crate) use client::Connection;
pub(crate) use connected::asks;
pub(crate) use connected::{Asks, Connected};
pub(crate) use failure::{Context, code_of, explain};
pub(crate) use pages::Pages;
pub(crate) use wait::{cancellable, pause};
