//! The commands of the page, one file for each noun. A body is one call into the engine.

pub mod comparisons;
pub mod connections;
pub mod runs;
pub mod sandbox;
pub mod settings;
pub mod window;

use tauri::Runtime;
use tauri::ipc::Invoke;

/// Every command by its name.
pub fn handler<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        window::bootstrap,
        window::subscribe,
        window::acknowledge,
        window::page_saved,
        comparisons::list_comparisons,
        comparisons::open_comparison,
        comparisons::save_comparison,
        comparisons::delete_comparison,
        comparisons::preview,
        comparisons::import_curl,
        runs::start_run,
        runs::stop_run,
        runs::stop_cell,
        runs::retry_now,
        runs::list_runs,
        runs::open_run,
        runs::open_cell,
        runs::open_exchange,
        runs::error_report,
        connections::save_connection,
        connections::delete_connection,
        connections::test_connection,
        connections::list_models,
        connections::store_key,
        connections::forget_key,
        connections::keychain,
        sandbox::sandbox,
        sandbox::set_sandbox_faults,
        settings::save_settings,
        settings::open_prices,
        settings::save_prices,
    ]
}
