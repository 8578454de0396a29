//! What a stream tells, done to the objects of its kind, whatever is remembered of them.

use super::{
    kept::{Kept, Sight, Tracked},
    pending::Pending,
    when::When,
};
use crate::kubernetes::{Listing, object::Object, volumes::Volumes};

/// Something to do with the objects of one kind.
pub(super) enum Visit<'a> {
    /// A list begins of the namespace (empty: of all).
    Begin(&'a str),
    /// Versions count anew.
    PutBack,
    /// The list of the namespace is complete; what it did not have went in that span.
    End(&'a str, When),
    /// One version of an object.
    See {
        object: &'a Object,
        when: When,
        /// Whether it comes from a list.
        listed: bool,
    },
    /// An object was deleted.
    Delete { object: &'a Object, when: When },
}

impl Visit<'_> {
    pub(super) fn pay<S: Tracked>(
        &self,
        kept: &mut Kept<S>,
        listing: &Listing,
        volumes: &Volumes,
        out: &mut Pending,
    ) {
        let sight = |when, listed| Sight {
            when,
            listed,
            first: true,
            newest: true,
            listing,
            volumes,
        };
        match *self {
            Self::Begin(namespace) => kept.begin(namespace),
            Self::PutBack => kept.put_back(listing, out),
            Self::End(namespace, when) => kept.end(namespace, when, listing, out),
            Self::See {
                object,
                when,
                listed,
            } => kept.see(object, sight(when, listed), out),
            Self::Delete { object, when } => kept.delete(object, sight(when, false), out),
        }
    }
}
