//! A bar cut into shares of a whole.

use yew::prelude::*;

/// One piece of the bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Its length, in the unit of its neighbours.
    pub size: u64,
    /// Stands inside where there is room.
    pub text: AttrValue,
    /// For the pointer that rests on it.
    pub title: AttrValue,
    /// How it is painted.
    pub class: &'static str,
}

/// Shares side by side, each as long as its size; `label` is the bar in words.
pub fn share_bar(class: &'static str, label: &str, shares: &[Share]) -> Html {
    let whole: u64 = shares.iter().fold(0_u64, |sum, share| sum.saturating_add(share.size)).max(1);
    let share = |share: &Share| {
        // In thousandths; what is there at all stays visible by the style's smallest width.
        let grow = u128::from(share.size) * 1_000 / u128::from(whole);
        let text = (grow >= 120).then(|| html! { <span>{ &share.text }</span> });
        html! {
            <div class={share.class} style={format!("flex-grow:{grow}")} title={share.title.clone()}>{ text }</div>
        }
    };
    html! {
        <div {class} role="img" aria-label={label.to_owned()}>
            { for shares.iter().map(share) }
        </div>
    }
}
