//! What a plan comes to before anything of it is sent.

use juxta_store::MatrixBegun;
use juxta_wire::connection::Connection;
use juxta_wire::draft::Dataset;
use juxta_wire::error::AppError;
use juxta_wire::lane::Comparison;
use juxta_wire::matrix::MatrixPlan;

use super::rows;
use super::variants::{Variants, variants};
use crate::Engine;
use crate::batch::words::counted;
use crate::resolve::variable_names;
use crate::run::MAX_REPEATS;

/// A plan with its table.
pub(super) struct LaidOut {
    pub variants: Variants,
    pub rows: Vec<(u64, u64)>,
    pub columns: Vec<String>,
    pub problems: Vec<String>,
    pub notes: Vec<String>,
}

impl LaidOut {
    pub fn row_count(&self) -> u64 {
        self.rows.iter().map(|(from, to)| to - from).sum()
    }

    pub fn cells(&self) -> u64 {
        let repeats = u64::from(self.variants.comparison.repeats);
        self.row_count().saturating_mul(self.variants.comparison.lanes.len() as u64).saturating_mul(repeats)
    }

    pub fn begun(self) -> MatrixBegun {
        MatrixBegun {
            variants: self.variants.variants,
            comparison: self.variants.comparison,
            rows: self.rows,
            columns: self.columns,
        }
    }
}

/// The table that fills variables of a comparison, unless it only lies beside them.
pub(super) fn table(comparison: &Comparison) -> Option<&str> {
    match &comparison.draft.dataset {
        Some(Dataset { path, off: false, .. }) => Some(path),
        _ => None,
    }
}

impl Engine {
    /// Reads through the table of the plan when it was not read yet.
    pub(super) fn lay_out(&self, plan: &MatrixPlan) -> Result<LaidOut, AppError> {
        let connections = self.connections()?;
        let mut variants = variants(plan, &connections);
        let mut laid = LaidOut {
            problems: std::mem::take(&mut variants.problems),
            rows: Vec::new(),
            columns: Vec::new(),
            notes: Vec::new(),
            variants,
        };
        if !(1..=MAX_REPEATS).contains(&plan.comparison.repeats) {
            laid.problems.push(format!("Repeat between 1 and {MAX_REPEATS} times"));
        }
        if plan.limits.in_flight == 0 {
            laid.problems.push("Allow one call at a time at least".to_owned());
        }
        self.rows_of(plan, &mut laid)?;
        laid.notes.extend(limits_of_connections(plan, &laid.variants, &connections));
        Ok(laid)
    }

    fn rows_of(&self, plan: &MatrixPlan, laid: &mut LaidOut) -> Result<(), AppError> {
        let Some(path) = table(&plan.comparison) else {
            laid.rows = vec![(0, 1)];
            return Ok(());
        };
        let info = match self.open_dataset(path) {
            Ok(info) => info,
            Err(AppError::Invalid { message, .. }) => {
                laid.problems.push(message);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if info.bad > 0 {
            let bad = counted(
                info.bad,
                "row of the table cannot be read and fails",
                "rows of the table cannot be read and fail",
            );
            laid.notes.push(format!("{bad}."));
        }
        laid.columns = info.columns;
        match rows::chosen(&plan.rows, info.rows) {
            Ok(rows) => laid.rows = rows,
            Err(problem) => laid.problems.push(problem),
        }
        let is_used = |comparison: &Comparison| {
            let mut names = comparison.lanes.iter().flat_map(|lane| variable_names(comparison, lane));
            names.any(|name| laid.columns.contains(&name))
        };
        if laid.row_count() > 1 && !laid.variants.comparison.lanes.is_empty() && !is_used(&laid.variants.comparison) {
            laid.notes.push("No variable takes its value from the table, so every row sends the same.".to_owned());
        }
        Ok(())
    }

    /// The connections of the variants and of their judges, each once.
    pub(super) fn connections_of(&self, begun: &MatrixBegun) -> Result<Vec<Connection>, AppError> {
        let mut used: Vec<Connection> = Vec::new();
        for lane in &begun.comparison.lanes {
            if used.iter().all(|connection| connection.id != lane.connection) {
                used.push(self.ready_connection(&lane.connection)?);
            }
        }
        for connection in self.connections_of_judges(&begun.comparison)? {
            if used.iter().all(|known| known.id != connection.id) {
                used.push(connection);
            }
        }
        Ok(used)
    }
}

fn limits_of_connections(plan: &MatrixPlan, variants: &Variants, connections: &[Connection]) -> Vec<String> {
    let is_used = |connection: &&Connection| {
        variants.comparison.lanes.iter().any(|lane| lane.connection == connection.id)
            && connection.network.max_concurrent < plan.limits.in_flight
    };
    let note = |connection: &Connection| {
        let most = counted(u64::from(connection.network.max_concurrent.max(1)), "call", "calls");
        format!("{} allows {most} at a time, and that holds.", connection.name)
    };
    connections.iter().filter(is_used).map(note).collect()
}
