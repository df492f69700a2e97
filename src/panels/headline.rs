//! The answer in large figures: unpacked, download, and what stays behind.

use crate::bytes::{self, Bytes};
use crate::figures::{self, Role, Weight};
use crate::shared::Shared;
use crate::strings;
use crate::widgets::share_bar::{Share, share_bar};
use layercast_core::Report;
use layercast_core::estimate::{Basis, Estimate};
use layercast_core::report::Layer;
use yew::prelude::*;

#[derive(Clone, PartialEq, Properties)]
pub struct HeadlineProps {
    pub report: Shared<Report>,
    pub roles: Shared<Vec<Role>>,
}

/// The figures of the target in effect.
#[component]
pub fn Headline(props: &HeadlineProps) -> Html {
    let report = &props.report;
    let Some(target) = report.target() else { return html! {} };
    let size = &target.size;
    let layers: Vec<_> = size.layers.iter().filter_map(|place| report.layers.get(*place)).collect();
    let unpacked = layers.iter().filter(|layer| layer.unpacked.is_none()).count();
    let download = layers.iter().filter(|layer| layer.download.is_none()).count();
    let measured = layers.iter().all(|layer| is_measured(layer));
    let behind = figures::weigh(figures::left_behind(report, &props.roles));
    html! {
           <section class="headline">
               <div class="figures">
                   { figure(&Figure {
                       testid: "unpacked", name: strings::UNPACKED, is: strings::UNPACKED_IS,
                       estimate: &size.unpacked, unknown: unpacked, of: layers.len(),
    measured,
                   }) }
                   { figure(&Figure {
                       testid: "download", name: strings::DOWNLOAD, is: strings::DOWNLOAD_IS,
                       estimate: &size.download, unknown: download, of: layers.len(),
    measured,
                   }) }
                   if behind.layers > behind.unknown {
                       { figure(&Figure {
                           testid: "behind", name: strings::BEHIND, is: strings::BEHIND_IS,
                           estimate: &behind.unpacked, unknown: behind.unknown, of: behind.layers,
    measured: false,
                       }) }
                   }
               </div>
               { unknown_note(size.unknown.len()) }
               { against_the_rest(size.unpacked.likely, &behind) }
           </section>
       }
}

/// True where what is known of a layer was measured, not typed.
fn is_measured(layer: &Layer) -> bool {
    let sizes = [&layer.unpacked, &layer.download];
    sizes.into_iter().flatten().all(|size| matches!(size.basis, Basis::Definition | Basis::Manifest { .. }))
}

/// The honest marker: the sum leaves something out.
fn unknown_note(count: usize) -> Html {
    if count == 0 {
        return html! {};
    }
    html! {
        <p class="unknown-note">
            <a href="#layers">{ strings::plus_unknown(count) }</a>{ strings::UNKNOWN_NOTE }
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
        share(ships, strings::SHIPS, "share share-ships"),
        share(behind, strings::BEHIND, "share share-behind"),
    ];
    let label = strings::bar(&Bytes(ships).to_string(), &Bytes(behind).to_string());
    share_bar("share-bar against", &label, &shares)
}

struct Figure<'a> {
    testid: &'static str,
    name: &'static str,
    is: &'static str,
    estimate: &'a Estimate,
    unknown: usize,
    of: usize,
    measured: bool,
}

/// One figure with its range and what it is. It is a lower bound where steps are missing in it.
fn figure(figure: &Figure) -> Html {
    let Figure { testid, name, is, estimate, unknown, of, measured } = *figure;
    let nothing_known = of > 0 && unknown == of;
    let (number, unit) = bytes::parts(estimate.likely);
    let known = (!nothing_known).then(|| estimate.likely.to_string());
    let range = bytes::range(estimate);
    // What the user typed, or a catalogue rounded, is not known to the byte however narrow it is.
    let exact = unknown == 0 && estimate.is_exact() && measured;
    let note = match range {
        _ if nothing_known => strings::NOTHING_KNOWN.to_owned(),
        None if exact => strings::EXACT.to_owned(),
        range => range.unwrap_or_default(),
    };
    html! {
        <div class={classes!("figure", format!("figure-{}", testid))} data-testid={testid} data-bytes={known}>
            <p class="figure-name">{ name }</p>
            <p class="figure-number">
                if nothing_known {
                    <span class="figure-unknown">{ "?" }</span>
                } else {
                    if unknown > 0 {
                        <span class="figure-least" aria-label={strings::AT_LEAST}>{ "≥" }</span>
                    }
                    { number }<span class="figure-unit">{ unit }</span>
                }
            </p>
            <p class="figure-note">{ note }</p>
            <p class="figure-note">{ is }</p>
        </div>
    }
}
