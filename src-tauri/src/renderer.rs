//! How WebKitGTK paints, decided before GTK is up.
//!
//! Its default way shares buffers with a GPU; where none works it falls back to some ten frames a second, and to 60 when
//! told not to try. Where a GPU works, not trying costs speed. So Juxta looks for one, and a setting overrides it.

use std::path::{Path, PathBuf};

use juxta_wire::settings::Renderer;

/// A copy of the setting that can be read before the database is open.
fn early_copy(folder: &Path) -> PathBuf {
    folder.join("renderer")
}

/// Keeps the setting for the next start.
pub fn remember(folder: &Path, renderer: Renderer) -> std::io::Result<()> {
    let text = match renderer {
        Renderer::Automatic => "automatic",
        Renderer::Gpu => "gpu",
        Renderer::Software => "software",
    };
    std::fs::write(early_copy(folder), text)
}

/// Starts this program anew with the right environment where that is needed; the process id stays the same.
#[cfg(target_os = "linux")]
pub fn choose(folder: &Path) {
    use std::os::unix::process::CommandExt as _;

    const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let wanted = std::env::var("JUXTA_RENDERER").or_else(|_| std::fs::read_to_string(early_copy(folder)));
    let software = match wanted.as_deref().map(str::trim) {
        Ok("gpu") => false,
        Ok("software") => true,
        _ => !gpu_works(),
    };
    if !software || std::env::var_os(SWITCH).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(SWITCH, "1").exec();
    // exec only returns when it failed; the window then paints slower than it could.
    eprintln!("Juxta paints the slow way: {error}");
}

#[cfg(not(target_os = "linux"))]
pub fn choose(_folder: &Path) {}

/// A render node is there, and it is not NVIDIA's own driver, whose buffers WebKitGTK often cannot show.
#[cfg(target_os = "linux")]
fn gpu_works() -> bool {
    let render_node = std::fs::read_dir("/dev/dri")
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD")));
    render_node && !Path::new("/proc/driver/nvidia/version").exists()
}
