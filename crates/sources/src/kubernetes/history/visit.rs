//! What a stream tells, done to the objects of its kind, whatever is remembered of them.

use super::{
    kept::{Kept, Sight, Tracked},
    pending::Pending,
    when::When,
};
use crate::kubernetes::{Listing, object::Object, volumes::Volumes};

/// Something to do with the objects of one kind.
pub(super) trait Visit {
    fn visit<S: Tracked>(
        &mut self,
        kept: &mut Kept<S>,
        listing: &Listing,
        volumes: &Volumes,
        out: &mut Pending,
    );
}

pub(super) struct Begin<'a>(pub(super) &'a str);
pub(super) struct PutBack;
pub(super) struct End(pub(super) String, pub(super) When);
pub(super) struct See<'a>(pub(super) &'a Object, pub(super) When, pub(super) bool);
pub(super) struct Delete<'a>(pub(super) &'a Object, pub(super) When);

impl Visit for Begin<'_> {
    fn visit<S: Tracked>(&mut self, kept: &mut Kept<S>, _: &Listing, _: &Volumes, _: &mut Pending) {
        kept.begin(self.0);
    }
}

impl Visit for PutBack {
    fn visit<S: Tracked>(
        &mut self,
        kept: &mut Kept<S>,
        listing: &Listing,
        _: &Volumes,
        out: &mut Pending,
    ) {
        kept.put_back(listing, out);
    }
}

impl Visit for End {
    fn visit<S: Tracked>(
        &mut self,
        kept: &mut Kept<S>,
        listing: &Listing,
        _: &Volumes,
        out: &mut Pending,
    ) {
        kept.end(&self.0, self.1, listing, out);
    }
}

impl Visit for See<'_> {
    fn visit<S: Tracked>(
        &mut self,
        kept: &mut Kept<S>,
        listing: &Listing,
        volumes: &Volumes,
        out: &mut Pending,
    ) {
        kept.see(self.0, sight(self.1, self.2, listing, volumes), out);
    }
}

impl Visit for Delete<'_> {
    fn visit<S: Tracked>(
        &mut self,
        kept: &mut Kept<S>,
        listing: &Listing,
        volumes: &Volumes,
        out: &mut Pending,
    ) {
        kept.delete(self.0, sight(self.1, false, listing, volumes), out);
    }
}

fn sight<'a>(when: When, listed: bool, listing: &'a Listing, volumes: &'a Volumes) -> Sight<'a> {
    Sight {
        when,
        listed,
        first: true,
        newest: true,
        listing,
        volumes,
    }
}
