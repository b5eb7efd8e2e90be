//! How languages write a number that they were given as JSON text, and whether it is still the same number.

/// What a language makes of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spelling {
    Same,
    /// The same value in other characters.
    Other(String),
    /// Another value, or none at all.
    Lost,
}

/// As `json.dumps` writes what Python's parser reads: whole numbers of any length, floats in their shortest form.
pub fn python(spelled: &str) -> Spelling {
    if !spelled.contains(['.', 'e', 'E']) {
        // Longer ones are refused by the interpreter.
        return match spelled.len() {
            _ if spelled == "-0" => Spelling::Other("0".to_owned()),
            ..=4000 => Spelling::Same,
            _ => Spelling::Lost,
        };
    }
    compare(spelled, Shortest::of(spelled).map(|shortest| shortest.python()))
}

/// As `JSON.stringify` writes what JavaScript's parser reads: every number is a float.
pub fn javascript(spelled: &str) -> Spelling {
    compare(spelled, Shortest::of(spelled).map(|shortest| shortest.javascript()))
}

fn compare(spelled: &str, written: Option<String>) -> Spelling {
    match written {
        Some(written) if written == spelled => Spelling::Same,
        Some(written) if Decimal::of(&written) == Decimal::of(spelled) => Spelling::Other(written),
        _ => Spelling::Lost,
    }
}

/// The value of a number as written, without going through a float.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    /// Power of ten of the last digit.
    exponent: i64,
}

impl Decimal {
    fn of(spelled: &str) -> Option<Self> {
        let (negative, plain) = match spelled.strip_prefix('-') {
            Some(plain) => (true, plain),
            None => (false, spelled),
        };
        let (mantissa, exponent) = plain.split_once(['e', 'E']).unwrap_or((plain, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().ok()?;
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let digits = significant.trim_end_matches('0');
        if digits.is_empty() {
            // Zero has no sign that a server would see.
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let dropped = i64::try_from(significant.len() - digits.len()).ok()?;
        let fraction = i64::try_from(fraction.len()).ok()?;
        Some(Self {
            negative,
            digits: digits.to_owned(),
            exponent: exponent.checked_sub(fraction)?.checked_add(dropped)?,
        })
    }
}

/// The shortest decimal that reads back as the same float.
struct Shortest {
    negative: bool,
    digits: String,
    /// Digits before the point; zero or less means zeros behind it.
    point: i32,
}

impl Shortest {
    /// `None` when the number is too large for a float.
    fn of(spelled: &str) -> Option<Self> {
        let value: f64 = spelled.parse().ok().filter(|value: &f64| value.is_finite())?;
        let scientific = format!("{:e}", value.abs());
        let (mantissa, exponent) = scientific.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self { negative: value.is_sign_negative(), digits: mantissa.replace('.', ""), point: exponent + 1 })
    }

    fn is_zero(&self) -> bool {
        self.digits == "0"
    }

    /// `-12.5`; whole numbers end as `whole` says.
    fn positional(&self, whole: &str) -> String {
        let sign = if self.negative { "-" } else { "" };
        let count = i32::try_from(self.digits.len()).unwrap_or(i32::MAX);
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
        if self.point <= 0 {
            format!("{sign}0.{}{}", zeros(-self.point), self.digits)
        } else if self.point >= count {
            format!("{sign}{}{}{whole}", self.digits, zeros(self.point - count))
        } else {
            let (before, behind) = self.digits.split_at(usize::try_from(self.point).unwrap_or(0));
            format!("{sign}{before}.{behind}")
        }
    }

    /// `1.5e-7`; the exponent has at least `width` digits.
    fn exponential(&self, width: usize) -> String {
        let sign = if self.negative { "-" } else { "" };
        let (first, rest) = self.digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = self.point - 1;
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{first}{point}{rest}e{exponent_sign}{:0width$}", exponent.abs())
    }

    fn python(&self) -> String {
        match self.point {
            _ if self.is_zero() => if self.negative { "-0.0" } else { "0.0" }.to_owned(),
            -3..=16 => self.positional(".0"),
            _ => self.exponential(2),
        }
    }

    fn javascript(&self) -> String {
        match self.point {
            _ if self.is_zero() => "0".to_owned(),
            -5..=21 => self.positional(""),
            _ => self.exponential(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(spelling: &str) -> Spelling {
        Spelling::Other(spelling.to_owned())
    }

    #[test]
    fn numbers_are_written_as_the_languages_write_them() {
        // As `json.dumps(json.loads(x))` and `JSON.stringify(JSON.parse(x))` answer.
        for (spelled, in_python, in_javascript) in [
            ("0", Spelling::Same, Spelling::Same),
            ("-0", other("0"), other("0")),
            ("-0.0", Spelling::Same, other("0")),
            ("1.0", Spelling::Same, other("1")),
            ("0.20", other("0.2"), other("0.2")),
            ("1e-3", other("0.001"), other("0.001")),
            ("1E5", other("100000.0"), other("100000")),
            ("1e16", other("1e+16"), other("10000000000000000")),
            ("1e21", other("1e+21"), other("1e+21")),
            ("123456789012345680000", Spelling::Same, Spelling::Same),
            ("1e-5", other("1e-05"), other("0.00001")),
            ("0.0001", Spelling::Same, Spelling::Same),
            ("1e-7", other("1e-07"), Spelling::Same),
            ("-1.5e+300", Spelling::Same, Spelling::Same),
            ("12345678901234567890", Spelling::Same, Spelling::Lost),
            ("9007199254740993", Spelling::Same, Spelling::Lost),
            ("0.12345678901234567890", Spelling::Lost, Spelling::Lost),
            ("1e400", Spelling::Lost, Spelling::Lost),
            ("9999999999999998.0", Spelling::Same, other("9999999999999998")),
            ("12.5", Spelling::Same, Spelling::Same),
        ] {
            assert_eq!(python(spelled), in_python, "Python: {spelled}");
            assert_eq!(javascript(spelled), in_javascript, "JavaScript: {spelled}");
        }
    }

    #[test]
    fn a_number_of_absurd_length_is_not_promised() {
        assert_eq!(python(&"9".repeat(5000)), Spelling::Lost);
        assert_eq!(javascript("1e99999999999999999999"), Spelling::Lost);
    }
}
