//! Alpine's packages.

use super::Estimator;

pub(super) fn estimator_of(_program: &str) -> Option<Estimator> {
    None
}
