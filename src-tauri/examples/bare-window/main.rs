//! A Tauri window with one line of text, from the same lock file as Juxta: what start and memory are measured against.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!("examples/bare-window/tauri.conf.json"))
}
