//! What the person chose for the app as a whole.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ids::ComparisonId;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export)]
pub struct Settings {
    pub theme: Theme,
    pub contrast: Contrast,
    pub density: Density,
    /// Percent, 80 to 200.
    pub zoom: u32,
    pub enter_sends: bool,
    pub shortcuts_enabled: bool,
    /// Shortcuts that differ from the built-in map: action name to key, empty for none.
    pub shortcuts: Vec<Shortcut>,
    /// Dragged widths and open panes, by a name of the window's own.
    pub layout: Vec<LayoutValue>,
    /// The comparison on screen.
    pub open_comparison: Option<ComparisonId>,
    /// The start page was left once.
    pub started: bool,
    pub renderer: Renderer,
    /// Code may be copied with the keys in it.
    pub code_with_secrets: bool,
    /// Where exports are saved; `None` is the folder for downloads.
    pub export_folder: Option<String>,
    /// Where prompts are kept as files; `None` is a folder within Juxta's own.
    pub prompt_folder: Option<String>,
    /// Searches of the history that were saved, newest last, as they were typed.
    pub searches: Vec<String>,
    /// The desktop is told when long work ends while the window has no focus.
    pub notify_at_end: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            contrast: Contrast::System,
            density: Density::Compact,
            zoom: 100,
            enter_sends: false,
            shortcuts_enabled: true,
            shortcuts: Vec::new(),
            layout: Vec::new(),
            open_comparison: None,
            started: false,
            renderer: Renderer::Automatic,
            code_with_secrets: false,
            export_folder: None,
            prompt_folder: None,
            searches: Vec::new(),
            notify_at_end: true,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Theme {
    System,
    Light,
    Dark,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Contrast {
    System,
    Normal,
    More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Density {
    Compact,
    Comfortable,
}

/// How the web view paints on Linux; takes effect at the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub enum Renderer {
    /// Looks for a GPU at start.
    Automatic,
    Gpu,
    Software,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct Shortcut {
    pub action: String,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct LayoutValue {
    pub name: String,
    pub value: f64,
}

/// The price file as text, with what is wrong in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub struct PriceFile {
    pub path: String,
    pub text: String,
    pub problem: Option<String>,
    pub models: u32,
}
