//! Places in a body whose text is given when the code is run: the variables of a prompt.

use super::{Piece, Request, Unfit};

/// One variable of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// As in the prompt: letters, digits, `_`, `-` and `.`, so that no language has to quote it.
    pub name: String,
    /// What the code calls it, in every language.
    pub identifier: String,
}

/// Arguments with identifiers of which no two are the same and none is a word of a language or of the code around it.
pub fn arguments(names: &[String]) -> Vec<Argument> {
    let mut found: Vec<Argument> = Vec::new();
    for name in names {
        let letters: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let base = format!("arg_{}", letters.to_ascii_lowercase());
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let is_free = |wanted: &String| found.iter().all(|known| known.identifier != *wanted);
        let identifier = std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base);
        found.push(Argument { name: name.clone(), identifier });
    }
    found
}

impl Request {
    /// In the order in which they stand in the body, each once. The person gives them in this order.
    pub(super) fn arguments(&self) -> Vec<&Argument> {
        let mut found: Vec<&Argument> = Vec::new();
        for piece in self.body.pieces() {
            if let Piece::Argument(argument) = piece
                && !found.contains(&argument)
            {
                found.push(argument);
            }
        }
        found
    }

    /// `usage: request.py order_id weeks`.
    pub(super) fn usage(&self, program: &str) -> String {
        let names: Vec<&str> = self.arguments().into_iter().map(|argument| argument.name.as_str()).collect();
        format!("usage: {program} {}", names.join(" "))
    }

    /// For what is no program.
    pub(super) fn takes_no_arguments(&self, target: &str) -> Result<(), Unfit> {
        match self.arguments().is_empty() {
            true => Ok(()),
            false => Err(format!("{target} takes no arguments")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_where_names_differ() {
        let names = ["order_id", "order-id", "order.id", "ORDER_ID", "größe", "1", "東京", "class"].map(str::to_owned);
        let identifiers: Vec<String> = arguments(&names).into_iter().map(|argument| argument.identifier).collect();
        assert_eq!(
            identifiers,
            [
                "arg_order_id",
                "arg_order_id_2",
                "arg_order_id_3",
                "arg_order_id_4",
                "arg_gr__e",
                "arg_1",
                "arg___",
                "arg_class"
            ]
        );
    }
}
