//! The answer in large figures: unpacked, download, and what stays behind.

use crate::bytes::{self, Bytes};
use crate::figures::{self, Role, Weight};
use crate::shared::Shared;
use crate::strings;
use crate::weights::is_measured;
use crate::widgets::share_bar::{Share, share_bar};
use layercast_core::Report;
use layercast_core::estimate::Estimate;
use layercast_core::report::Layer;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct HeadlineProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
    /// True until steps are weighed for the first time.
    pub coming: bool,
}

/// The figures of the target in effect.
#[component]
pub fn Headline(props: &HeadlineProps) -> Html {
    let report = &props.report;
    let Some(target) = report.target() else { return html! {} };
    let size = &target.size;
    let layers: Vec<_> = size.layers.iter().filter_map(|place| report.layers.get(*place)).collect();
    let of = |size: fn(&Layer) -> Option<&Estimate>| {
        let open = layers.iter().filter(|layer| size(layer).is_none() || !layer.unknown.is_empty()).count();
        Known { open, measured: layers.iter().filter_map(|layer| size(layer)).all(is_measured) }
    };
    let unpacked = of(|layer| layer.unpacked.as_ref());
    let download = of(|layer| layer.download.as_ref());
    let behind = figures::weigh(figures::left_behind(report, &props.roles));
    let left = Known { open: behind.unknown, measured: false };
    html! {
        <section class="headline">
            <div class="figures">
                { figure(&Figure {
                    testid: "unpacked", name: strings::UNPACKED.t(), is: strings::UNPACKED_IS.t(),
                    estimate: &size.unpacked, known: unpacked,
                }) }
                { figure(&Figure {
                    testid: "download", name: strings::DOWNLOAD.t(), is: strings::DOWNLOAD_IS.t(),
                    estimate: &size.download, known: download,
                }) }
                if behind.unpacked.likely > 0 {
                    { figure(&Figure {
                        testid: "behind", name: strings::BEHIND.t(), is: strings::BEHIND_IS.t(),
                        estimate: &behind.unpacked, known: left,
                    }) }
                }
            </div>
            { unknown_note(size.unknown.len(), props.coming) }
            { against_the_rest(size.unpacked.likely, &behind) }
        </section>
    }
}

/// The honest marker: the sum leaves something out.
fn unknown_note(count: usize, coming: bool) -> Html {
    if count == 0 {
        return html! {};
    }
    if coming {
        return html! { <p class="unknown-note">{ strings::WEIGHING.t() }</p> };
    }
    html! {
        <p class="unknown-note">
            <a href="#layers">{ strings::plus_unknown(count) }</a>{ strings::UNKNOWN_NOTE.t() }
        </p>
    }
}

/// What ships beside what was needed to build it.
fn against_the_rest(ships: u64, behind: &Weight) -> Html {
    let behind = behind.unpacked.likely;
    if behind == 0 {
        return html! {};
    }
    let share = |size: u64, word: &str, class: &'static str| {
        let text = format!("{} {word}", Bytes(size));
        Share { size, text: text.clone().into(), title: text.into(), class }
    };
    let shares = [
        share(ships, strings::SHIPS.t(), "share share-ships"),
        share(behind, strings::BEHIND.t(), "share share-behind"),
    ];
    let label = strings::bar(&Bytes(ships).to_string(), &Bytes(behind).to_string());
    share_bar("share-bar against", &label, &shares)
}

struct Figure<'a> {
    testid: &'static str,
    name: &'static str,
    is: &'static str,
    estimate: &'a Estimate,
    known: Known,
}

/// How much of a sum is known.
#[derive(Clone, Copy)]
struct Known {
    /// How many layers it lacks, or lacks a part of.
    open: usize,
    /// What is known was measured, not typed, and no rule.
    measured: bool,
}

/// One figure with its range and what it is. It is a lower bound where steps are missing in it.
fn figure(figure: &Figure) -> Html {
    let Figure { testid, name, is, estimate, known: Known { open, measured } } = *figure;
    let nothing_known = open > 0 && estimate.likely == 0;
    let (number, unit) = bytes::parts(estimate.likely);
    let known = (!nothing_known).then(|| estimate.likely.to_string());
    let range = bytes::range(estimate);
    // What the user typed, or a catalogue rounded, is not known to the byte however narrow it is.
    let exact = open == 0 && estimate.is_exact() && measured;
    let note = match range {
        _ if nothing_known => strings::NOTHING_KNOWN.t().to_owned(),
        None if exact => strings::EXACT.t().to_owned(),
        range => range.unwrap_or_default(),
    };
    html! {
        <div class={classes!("figure", format!("figure-{}", testid))} data-testid={testid} data-bytes={known}>
            <p class="figure-name">{ name }</p>
            <p class="figure-number">
                if nothing_known {
                    <span class="figure-unknown">{ "?" }</span>
                } else {
                    if open > 0 {
                        <span class="figure-least" aria-label={strings::AT_LEAST.t()}>{ "≥" }</span>
                    }
                    { number }<span class="figure-unit">{ unit }</span>
                }
            </p>
            <p class="figure-note">{ note }</p>
            <p class="figure-note">{ is }</p>
        </div>
    }
}
