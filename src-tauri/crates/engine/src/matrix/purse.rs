//! What a matrix may spend, and what it has spent.

use std::sync::Mutex;

use juxta_wire::metrics::Cost;

use crate::run::feed::lock;

/// Every call pays when it is over, those of judges too.
pub(crate) struct Purse {
    inside: Mutex<Inside>,
}

struct Inside {
    spent: Option<(f64, String)>,
    budget: Option<f64>,
}

impl Purse {
    pub fn new(spent: Option<(f64, String)>, budget: Option<f64>) -> Self {
        Self { inside: Mutex::new(Inside { spent, budget }) }
    }

    pub fn set_budget(&self, budget: Option<f64>) {
        lock(&self.inside).budget = budget;
    }

    pub fn pay(&self, cost: &Cost) {
        let mut inside = lock(&self.inside);
        inside.spent.get_or_insert_with(|| (0.0, cost.currency.clone())).0 += cost.amount;
    }

    /// Nothing more is to be begun.
    pub fn is_empty(&self) -> bool {
        let inside = lock(&self.inside);
        let spent = inside.spent.as_ref().map_or(0.0, |(amount, _)| *amount);
        inside.budget.is_some_and(|budget| spent >= budget)
    }

    /// With its currency.
    pub fn spent(&self) -> (Option<f64>, Option<String>) {
        lock(&self.inside).spent.clone().unzip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_empty_once_the_budget_is_spent_and_never_without_one() {
        let purse = Purse::new(None, Some(1.0));
        let cost = Cost {
            amount: 0.5,
            currency: "EUR".to_owned(),
            formula: String::new(),
            price_date: None,
            estimated: false,
        };
        for expected in [false, true, true] {
            purse.pay(&cost);
            assert_eq!(purse.is_empty(), expected);
        }
        assert_eq!(purse.spent(), (Some(1.5), Some("EUR".to_owned())));
        purse.set_budget(Some(2.0));
        assert!(!purse.is_empty());
        purse.set_budget(None);
        assert!(!purse.is_empty());
        assert!(Purse::new(None, Some(0.0)).is_empty(), "nothing may be spent");
        assert_eq!(Purse::new(None, None).spent(), (None, None));
    }
}
