//! What a target needs, and what it leaves out.

use super::{Base, Graph, Skipped};
use std::sync::Arc;

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

    /// What is the same for every target: who uses each stage, and which images are pulled for it.
    pub fn uses(&self) -> Uses {
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); self.stages.len()];
        for (user, stage) in self.stages.iter().enumerate() {
            let base = if let Base::Stage(base) = stage.base { Some(base) } else { None };
            let sources = stage.dependencies.iter().map(|dependency| dependency.source);
            for source in base.into_iter().chain(sources) {
                if source < self.stages.len() && users[source].last() != Some(&user) {
                    users[source].push(user);
                }
            }
        }
        let name = |base: &Base, platform| match base {
            Base::Image(image) => Some(format!("{image} {platform}")),
            _ => None,
        };
        Uses {
            users: users.into_iter().map(Arc::from).collect(),
            stages: self.stages.iter().map(|stage| name(&stage.base, &stage.platform)).collect(),
            implicit: self.implicit.iter().map(|implicit| name(&implicit.base, &self.platform)).collect(),
        }
    }
}

/// What is the same for every target of a graph.
#[derive(Debug)]
pub struct Uses {
    /// The stages that use each stage.
    users: Vec<Arc<[usize]>>,
    /// The image that each stage starts from, as `reference platform`.
    stages: Vec<Option<String>>,
    /// The same of each implicit image.
    implicit: Vec<Option<String>>,
}

impl Uses {
    /// The images that are pulled, as `reference platform`, sorted.
    pub fn images(&self, reach: &Reach) -> Vec<String> {
        let named = self.stages.iter().chain(&self.implicit).zip(reach.stages.iter().chain(&reach.implicit));
        let mut images: Vec<&String> =
            named.filter(|(_, reached)| **reached).filter_map(|(name, _)| name.as_ref()).collect();
        images.sort_unstable();
        images.dedup();
        images.into_iter().cloned().collect()
    }

    /// The stages that a target leaves out, each with those that do use it.
    pub fn skipped(&self, reach: &Reach) -> Vec<Skipped> {
        let stages = self.users.iter().zip(&reach.stages).enumerate().filter(|(_, (_, reached))| !**reached);
        stages.map(|(stage, (users, _))| Skipped { stage, used_by: Arc::clone(users) }).collect()
    }
}
