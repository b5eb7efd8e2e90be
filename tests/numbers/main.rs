//! Figures as others compute them, and forms and subtitles as others read them: `tests/numbers/run` brings their packages.

mod forms;
mod statistics;
mod subtitles;
mod vectors;
mod words;

use std::path::Path;
use std::process::Command;

/// A script of this folder, to be run.
fn python(script: &str) -> Command {
    let python =
        std::env::var_os("JUXTA_NUMBERS_PYTHON").expect("JUXTA_NUMBERS_PYTHON is not set: run tests/numbers/run");
    let mut command = Command::new(python);
    command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("numbers").join(script));
    command
}

/// What a script prints that is given one file or folder.
fn printed(script: &str, argument: &Path) -> String {
    let output = python(script).arg(argument).output().expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Numbers that look random and are the same each time.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    /// -1 to 1.
    fn part(&mut self) -> f32 {
        self.next() as f32 / (1 << 23) as f32 - 1.0
    }
}
