// A console window beside the app would be noise on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    juxta_app::run();
}
