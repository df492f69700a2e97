//! Processes that outlive this program: started, found again by a file with their number, stopped.

use crate::program::Program;
use crate::step::Failed;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// A process that was started here, by the file that holds its number and the moment it began.
#[derive(Debug)]
pub(super) struct Service {
    file: PathBuf,
}

impl Service {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    pub(super) fn start(&self, program: Program, log: &Path) -> Result<(), Failed> {
        let id = program.start(log)?;
        let began = began(id).unwrap_or_default();
        Ok(fs::write(&self.file, format!("{id} {began}"))?)
    }

    /// Its number, while it runs. A number that another process has by now is none.
    pub(super) fn id(&self) -> Option<u32> {
        let text = fs::read_to_string(&self.file).ok()?;
        let (id, written) = text.split_once(' ')?;
        let id = id.parse().ok()?;
        (began(id)?.to_string() == written).then_some(id)
    }

    /// Asks the process `asked`, which is this one or the one that it waits for, to end; ends this one where it
    /// does not.
    pub(super) fn stop(&self, asked: Option<u32>) -> Result<(), Failed> {
        if let Some(id) = self.id() {
            signal("TERM", asked.unwrap_or(id));
            if !wait_until(PATIENCE, || self.id().is_none()) {
                signal("KILL", id);
            }
            if !wait_until(PATIENCE, || self.id().is_none()) {
                return Err(Failed(format!("process {id} does not end")));
            }
        }
        if self.file.exists() {
            fs::remove_file(&self.file)?;
        }
        Ok(())
    }
}

/// True as soon as `holds` does; false after `patience`.
pub(super) fn wait_until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > patience {
            return false;
        }
        sleep(PAUSE);
    }
    true
}

/// The first process that `parent` started.
pub(super) fn child_of(parent: u32) -> Option<u32> {
    all().into_iter().find(|id| status(*id).is_some_and(|status| status.parent == parent))
}

/// Processes whose command line names `folder`, this one and its parents aside.
pub(super) fn below(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let daemons = ["dockerd", "docker-registry", "containerd", "unshare"];
    let of_lab = |id: u32| {
        let line = fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?.replace('\0', " ");
        let program = line.split(' ').next()?.rsplit('/').next()?;
        (daemons.contains(&program) && line.contains(&folder)).then(|| format!("{id} {program}"))
    };
    all().into_iter().filter_map(of_lab).collect()
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect()
}

#[derive(Debug)]
struct Status {
    state: char,
    parent: u32,
    began: u64,
}

/// The file `stat` of a process: after the name in brackets come state, parent and, as the 22nd field of all, when
/// it began. <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn status(id: u32) -> Option<Status> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    Some(Status {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        began: fields.get(19)?.parse().ok()?,
    })
}

/// When a process that still runs began. One that only waits for its parent to ask how it ended runs no more.
fn began(id: u32) -> Option<u64> {
    status(id).filter(|status| status.state != 'Z').map(|status| status.began)
}

fn signal(name: &str, id: u32) {
    // It may have ended by itself.
    let _ = Program::new("kill").args(["-s", name, &id.to_string()]).succeeds();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project;

    #[test]
    fn a_service_is_found_again_and_stopped() {
        let folder = project::target().join("service-test");
        fs::create_dir_all(&folder).expect("makes its folder");
        let service = Service::new(folder.join("pid"));
        assert_eq!(service.id(), None);
        service.start(Program::new("sleep").args(["60"]), &folder.join("log")).expect("starts");
        let id = service.id().expect("runs");
        assert_eq!(status(id).map(|status| status.parent), Some(std::process::id()));
        service.stop(None).expect("stops");
        assert_eq!(service.id(), None);
        service.stop(None).expect("stopping twice is as good");
        fs::write(folder.join("pid"), format!("{} 1", std::process::id())).expect("writes");
        assert_eq!(service.id(), None, "a number that was given to another process");
        fs::remove_dir_all(&folder).expect("removes what it wrote");
    }
}
