//! Small views that know no word of the trade.

pub mod choice;
pub mod share_bar;
