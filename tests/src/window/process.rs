//! Processes that end together.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::Outcome;

/// A process with all that it started: they share a process group, which ends when this is dropped.
pub(super) struct Group {
    child: Child,
    id: Pid,
}

impl Group {
    pub(super) fn spawn(command: &mut Command) -> Outcome<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.process_group(0).spawn().map_err(|error| format!("{program} does not start: {error}"))?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("a process id that is none")?;
        Ok(Self { child, id })
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Processes of the group that run `binary`.
    pub(super) fn running(&self, binary: &Path) -> Vec<Pid> {
        self.members().filter(|(_, folder)| runs(folder, binary)).filter_map(|(id, _)| Pid::from_raw(id)).collect()
    }

    /// Megabytes of all its processes but the driver's own, shared pages counted by share.
    pub(super) fn memory(&self) -> f64 {
        let kilobytes = |folder: &Path| {
            let rollup = std::fs::read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
            let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
            line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap_or_default()
        };
        let is_driver = |folder: &Path| {
            std::fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.starts_with("WebKitWebDriv"))
        };
        let own = self.members().filter(|(_, folder)| !is_driver(folder));
        own.map(|(_, folder)| kilobytes(&folder)).sum::<f64>() / 1000.0
    }

    fn members(&self) -> impl Iterator<Item = (i32, PathBuf)> {
        let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        all.filter_map(|entry| Some((entry.file_name().to_str()?.parse::<i32>().ok()?, entry.path())))
            .filter(|(_, folder)| belongs_to(folder, self.id))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // An error means that nobody of the group is left.
        let _ = kill_process_group(self.id, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Ends a process without a warning; one that is gone already is no failure.
pub(super) fn kill(process: Pid) {
    let _ = kill_process(process, Signal::KILL);
}

fn runs(folder: &Path, binary: &Path) -> bool {
    // A binary that was built anew while it ran is listed with a suffix.
    std::fs::read_link(folder.join("exe")).is_ok_and(|exe| exe == binary || exe == deleted(binary))
}

fn deleted(binary: &Path) -> PathBuf {
    let mut name = binary.as_os_str().to_owned();
    name.push(" (deleted)");
    name.into()
}

/// The fifth field of `/proc/ID/stat` is the group; the second, the name, may hold spaces and brackets. A process that
/// has ended and was not waited for counts as gone.
fn belongs_to(folder: &Path, group: Pid) -> bool {
    let Ok(stat) = std::fs::read_to_string(folder.join("stat")) else { return false };
    let Some((_, fields)) = stat.rsplit_once(')') else { return false };
    let mut fields = fields.split_whitespace();
    let is_alive = fields.next().is_some_and(|state| state != "Z");
    is_alive && fields.nth(1) == Some(group.as_raw_nonzero().to_string().as_str())
}
