//! What a target needs, and what it leaves out.

use super::{Base, Graph, Skipped};

/// Everything that one target needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Reach {
    /// True for each stage that is built.
    pub stages: Vec<bool>,
    /// True for each implicit image that is pulled.
    pub implicit: Vec<bool>,
}

impl Graph {
    /// What `target` needs: bases and sources, and theirs in turn.
    pub fn reach(&self, target: usize) -> Reach {
        let mut reached = vec![false; self.stages.len() + self.implicit.len()];
        let mut open = vec![target];
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut reached[node], true) {
                continue;
            }
            let Some(stage) = self.stages.get(node) else { continue };
            if let Base::Stage(base) = stage.base {
                open.push(base);
            }
            open.extend(stage.dependencies.iter().map(|dependency| dependency.source));
        }
        let implicit = reached.split_off(self.stages.len());
        Reach { stages: reached, implicit }
    }

    /// The images that are pulled, as `reference platform`, sorted.
    pub fn images(&self, reach: &Reach) -> Vec<String> {
        let of_stage = |(stage, _): (&super::Stage, &bool)| match &stage.base {
            Base::Image(image) => Some(format!("{image} {}", stage.platform)),
            _ => None,
        };
        let of_implicit = |(implicit, _): (&super::Implicit, &bool)| match &implicit.base {
            Base::Image(image) => Some(format!("{image} {}", self.platform)),
            _ => None,
        };
        let stages = self.stages.iter().zip(&reach.stages).filter(|(_, reached)| **reached);
        let implicit = self.implicit.iter().zip(&reach.implicit).filter(|(_, reached)| **reached);
        let mut images: Vec<String> =
            stages.filter_map(of_stage).chain(implicit.filter_map(of_implicit)).collect();
        images.sort();
        images.dedup();
        images
    }

    /// The stages that a target leaves out, each with those that do use it.
    pub fn skipped(&self, reach: &Reach) -> Vec<Skipped> {
        let skipped = |stage: &usize| !reach.stages[*stage];
        let mut used_by: Vec<Vec<usize>> = vec![Vec::new(); self.stages.len()];
        for (user, stage) in self.stages.iter().enumerate() {
            let base = if let Base::Stage(base) = stage.base { Some(base) } else { None };
            let sources = stage.dependencies.iter().map(|dependency| dependency.source);
            for source in base.into_iter().chain(sources) {
                if source < self.stages.len() && used_by[source].last() != Some(&user) {
                    used_by[source].push(user);
                }
            }
        }
        let report = |stage: usize| Skipped { stage, used_by: std::mem::take(&mut used_by[stage]) };
        (0..self.stages.len()).filter(skipped).map(report).collect()
    }
}
