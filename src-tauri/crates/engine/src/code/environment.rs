//! Names of the environment variables that keys are read from where code runs.

use juxta_client::providers::KEY_SLOT;
use juxta_wire::code::CodeVariable;
use juxta_wire::connection::{Connection, ConnectionHeader, KeySource};
use juxta_wire::endpoint::ProfileId;
use juxta_wire::error::AppError;
use url::Url;

const LONGEST: usize = 100;

/// The names of one request: one for each header that carries a key.
#[derive(Debug, Default)]
pub struct Names {
    /// Header, variable, and what tells one key from another.
    rows: Vec<(CodeVariable, String)>,
}

impl Names {
    /// The variable for `header`: as `wanted` says, else as `proposed`. Headers with one key share one variable; keys
    /// that differ never do.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a name that no shell has, or that stands for another key already.
    pub fn add(
        &mut self,
        header: &str,
        key: &str,
        proposed: &str,
        wanted: &[CodeVariable],
    ) -> Result<String, AppError> {
        let chosen = wanted.iter().find(|row| row.header.eq_ignore_ascii_case(header)).map(|row| row.name.trim());
        let is_taken = |name: &str| self.rows.iter().any(|(row, other)| row.name == name && other != key);
        let name = match chosen {
            Some(name) => {
                check(name)?;
                if is_taken(name) {
                    return Err(invalid(format!("{name} is read for another key already. Choose another name")));
                }
                name.to_owned()
            }
            None if is_taken(proposed) => format!("{proposed}_{}", upper_snake(header)),
            None => proposed.to_owned(),
        };
        self.rows.push((CodeVariable { header: header.to_owned(), name: name.clone() }, key.to_owned()));
        Ok(name)
    }

    pub fn into_rows(self) -> Vec<CodeVariable> {
        self.rows.into_iter().map(|(row, _)| row).collect()
    }
}

fn check(name: &str) -> Result<(), AppError> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.len() <= LONGEST;
    match is_name {
        true => Ok(()),
        false => Err(invalid(
            "The name of an environment variable is made of letters, digits and _, and does not begin with a digit"
                .to_owned(),
        )),
    }
}

fn invalid(message: String) -> AppError {
    AppError::Invalid { field: "environment".to_owned(), message }
}

/// What people call the key of such a connection. `row` is the header row that carries it.
pub fn proposed(connection: Option<&Connection>, name: &str, header: &str, row: Option<&ConnectionHeader>) -> String {
    let slot = row.and_then(|row| row.secret.as_ref());
    if let Some(KeySource::Environment { name }) = slot.map(|slot| &slot.source)
        && check(name).is_ok()
    {
        return name.clone();
    }
    if header.eq_ignore_ascii_case("x-openai-api-key") {
        return "OPENAI_API_KEY".to_owned();
    }
    let is_main = slot.is_none_or(|slot| slot.slot == KEY_SLOT);
    let by_profile = connection.and_then(|connection| match connection.profile {
        ProfileId::ScaleGp => Some("SCALE_API_KEY"),
        ProfileId::Scaigrid => Some("SCAIGRID_API_KEY"),
        ProfileId::Sandbox => Some("SANDBOX_KEY"),
        ProfileId::OpenAiCompatible => is_openai(&connection.base_url).then_some("OPENAI_API_KEY"),
    });
    match by_profile {
        Some(known) if is_main => known.to_owned(),
        _ => {
            let mut base = upper_snake(name);
            if base.is_empty() {
                base = "API".to_owned();
            }
            base.truncate(LONGEST / 2);
            if base.starts_with(|first: char| first.is_ascii_digit()) {
                base.insert(0, '_');
            }
            match is_main {
                true if base.ends_with("KEY") => base,
                true if base.ends_with("API") => format!("{base}_KEY"),
                true => format!("{base}_API_KEY"),
                false => format!("{base}_{}", upper_snake(header)),
            }
        }
    }
}

fn is_openai(base_url: &str) -> bool {
    Url::parse(base_url).is_ok_and(|url| url.host_str() == Some("api.openai.com"))
}

/// `Scale prod` as `SCALE_PROD`; what is no letter or digit of ASCII stands between words.
fn upper_snake(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_uppercase).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_from_the_connection() {
        for (name, expected) in [
            ("Desk", "DESK_API_KEY"),
            ("Scale prod / EU", "SCALE_PROD_EU_API_KEY"),
            ("my api key", "MY_API_KEY"),
            ("Weather API", "WEATHER_API_KEY"),
            ("3 letters", "_3_LETTERS_API_KEY"),
            ("größe", "GR_E_API_KEY"),
            ("東京", "API_KEY"),
        ] {
            let found = proposed(None, name, "authorization", None);
            assert_eq!(found, expected, "{name}");
            assert_eq!(check(&found), Ok(()), "{name}");
        }
        assert_eq!(proposed(None, "Desk", "x-openai-api-key", None), "OPENAI_API_KEY");
    }

    #[test]
    fn two_keys_never_share_a_variable_and_one_key_has_one() {
        let mut names = Names::default();
        assert_eq!(names.add("authorization", "key", "A_KEY", &[]), Ok("A_KEY".to_owned()));
        assert_eq!(names.add("x-again", "key", "A_KEY", &[]), Ok("A_KEY".to_owned()));
        assert_eq!(names.add("x-other", "other", "A_KEY", &[]), Ok("A_KEY_X_OTHER".to_owned()));
        let wanted = |name: &str| vec![CodeVariable { header: "X-Third".to_owned(), name: name.to_owned() }];
        names.add("x-third", "third", "B", &wanted("A_KEY")).expect_err("another key has this name");
        for bad in ["", "1A", "A-B", "A B", "A$(id)", "Ä", &"A".repeat(101)] {
            names.add("x-third", "third", "B", &wanted(bad)).expect_err(bad);
        }
        assert_eq!(names.add("x-third", "third", "B", &wanted(" MINE ")), Ok("MINE".to_owned()));
        assert_eq!(names.into_rows().len(), 4);
    }
}
