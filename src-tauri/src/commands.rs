//! The commands of the page, one file for each noun. A body is one call into the engine.

pub mod batches;
pub mod code;
pub mod comparisons;
pub mod connections;
pub mod datasets;
pub mod history;
pub mod inspect;
pub mod media;
pub mod pictures;
pub mod prompts;
pub mod recorder;
pub mod recordings;
pub mod repeats;
pub mod replay;
pub mod runs;
pub mod sandbox;
pub mod schema;
pub mod settings;
pub mod sound;
pub mod tools;
pub mod transfer;
pub mod vectors;
pub mod window;
pub mod words;

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
        comparisons::lane_parameters,
        comparisons::lane_body,
        comparisons::apply_body,
        comparisons::import_curl,
        prompts::sync_prompts,
        prompts::settle_prompt,
        prompts::name_version,
        prompts::prompt_versions,
        prompts::prompt_version,
        datasets::open_dataset,
        datasets::dataset_rows,
        datasets::dataset_row,
        datasets::dataset_column,
        datasets::find_dataset_rows,
        datasets::fill_row,
        runs::start_run,
        runs::stop_run,
        runs::stop_cell,
        runs::retry_now,
        runs::list_runs,
        runs::open_run,
        runs::open_cell,
        runs::open_exchange,
        runs::error_report,
        tools::answer_calls,
        tools::suggest_results,
        tools::dialogue_messages,
        code::code,
        replay::start_replay,
        replay::control_replay,
        replay::serve_replay,
        schema::schema_check,
        repeats::repeats,
        repeats::check_cell,
        repeats::check_problem,
        inspect::document_info,
        inspect::document_rows,
        inspect::document_bytes,
        inspect::events,
        inspect::event_times,
        inspect::find_events,
        inspect::read_events,
        inspect::event_of_text,
        inspect::item_string,
        inspect::tokens,
        inspect::alternatives,
        inspect::lane_history,
        batches::batches,
        batches::make_batch,
        batches::batch_check,
        batches::mend_batch_line,
        batches::leave_out_faults,
        batches::plan_batch,
        batches::send_batch,
        batches::send_batch_again,
        batches::cancel_batch,
        batches::ask_batch_now,
        batches::drop_batch,
        batches::batch_rows,
        batches::batch_row,
        batches::save_batch,
        batches::provider_batches,
        batches::adopt_batch,
        batches::watch_batches,
        connections::save_connection,
        connections::delete_connection,
        connections::test_connection,
        connections::list_models,
        connections::store_key,
        connections::forget_key,
        connections::keychain,
        sandbox::sandbox,
        sandbox::set_sandbox_faults,
        history::search,
        history::search_facets,
        history::search_help,
        history::star_run,
        history::note_run,
        history::delete_runs,
        history::undelete_runs,
        history::totals,
        media::file_facts,
        media::smaller_picture,
        sound::sound_facts,
        sound::save_sound,
        sound::sound_picture,
        sound::play_sound,
        sound::play_sounds,
        sound::control_sound,
        recorder::list_inputs,
        recorder::start_recording,
        recorder::pause_recording,
        recorder::resume_recording,
        recorder::stop_recording,
        recordings::list_recordings,
        recordings::import_recording,
        recordings::rename_recording,
        recordings::delete_recording,
        recordings::keep_sound,
        recordings::transcript,
        pictures::answered_pictures,
        pictures::picture_bytes,
        pictures::picture_thumbnail,
        pictures::convert_picture,
        pictures::picture_difference,
        pictures::picture_sheet,
        pictures::picture_texts,
        pictures::with_picture_texts,
        vectors::vector_facts,
        vectors::vector_norms,
        vectors::vector_pairs,
        vectors::vector_square,
        vectors::vector_neighbours,
        vectors::vector_map,
        vectors::vector_map_progress,
        vectors::stop_vector_map,
        vectors::vector_agreement,
        vectors::export_vectors,
        words::compare_words,
        settings::save_settings,
        settings::open_prices,
        settings::save_prices,
        transfer::export_runs,
        transfer::save_text,
        transfer::save_picture,
        transfer::import_data,
    ]
}
