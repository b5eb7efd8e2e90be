//! Threads of their own for work that takes seconds: what takes milliseconds must not stand in a queue behind it.

use std::sync::LazyLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

static THREADS: LazyLock<Option<ThreadPool>> = LazyLock::new(|| {
    let cores = rayon::current_num_threads();
    // One core is left for the window where there are enough.
    let threads = cores.saturating_sub(1).max(2).min(cores);
    ThreadPoolBuilder::new().num_threads(threads).thread_name(|at| format!("vectors-{at}")).build().ok()
});

/// Does `work` on those threads and waits for it; on the usual ones where there are none.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match &*THREADS {
        Some(threads) => threads.install(work),
        None => work(),
    }
}
