//! Weeks in which nothing happens to the application, and plenty elsewhere.

use super::{Family, stage::Stage};
use model::time::DAY;

pub(super) const FAMILY: Family = Family {
    name: "quiet",
    about: "nothing happens to the application",
    has_culprit: false,
    tell,
};

fn tell(stage: &mut Stage) {
    let days = stage.random.whole(0, 7);
    stage.window.end = stage.window.end.plus(days * DAY);
    if stage.window.millis() > 6 * DAY {
        stage.period = 5 * model::time::MINUTE;
    }
}
