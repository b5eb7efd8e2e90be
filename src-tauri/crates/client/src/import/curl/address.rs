//! Which word is the address, and what must not stay in it.

use juxta_wire::error::AppError;
use url::{Url, form_urlencoded};

use super::words::invalid;
use super::{Reading, credential};
use crate::http::is_loopback;
use crate::redact::is_auth_query;

impl Reading<'_> {
    pub(super) fn take_url(&mut self) -> Result<Url, AppError> {
        let addresses = std::mem::take(&mut self.addresses);
        // A word that slipped out of its quotes, or the value of an option that no table has, is no address.
        let chosen = addresses.iter().position(|word| looks_like_address(&word.text())).unwrap_or_default();
        let Some(address) = addresses.get(chosen) else {
            return Err(invalid("The command has no address".to_owned()));
        };
        for (_, word) in addresses.iter().enumerate().filter(|(at, _)| *at != chosen) {
            self.name(format!("the word at {} (of no option)", word.place));
        }
        if let Some(variable) = address.variables().next() {
            return Err(invalid(format!(
                "The address at {} holds the shell variable ${variable}: put its value in",
                address.place
            )));
        }
        let mut url = Some(address.text())
            .filter(|text| looks_like_address(text))
            .and_then(|text| parse(text.trim()))
            .ok_or_else(|| invalid(format!("The word at {} is no http address", address.place)))?;
        url.set_fragment(None);
        self.add_query(&mut url);
        self.take_credentials(&mut url);
        Ok(url)
    }

    fn take_credentials(&mut self, url: &mut Url) {
        if !url.username().is_empty() || url.password().is_some() {
            let user = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
            // Both calls fail only for addresses that cannot have a host, and this one is http.
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            self.headers.push(credential::basic(&user));
        }
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let (keys, others): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| is_auth_query(name));
        if keys.is_empty() {
            return;
        }
        url.set_query(None);
        if !others.is_empty() {
            url.query_pairs_mut().extend_pairs(others);
        }
        for (name, _) in keys {
            self.name(format!("the key {name} in the address"));
        }
    }
}

fn looks_like_address(text: &str) -> bool {
    text.contains(['.', ':', '/']) || text == "localhost" || text.starts_with('$')
}

fn parse(text: &str) -> Option<Url> {
    let url = match text.contains("://") {
        true => Url::parse(text).ok()?,
        // As for an address that is typed: TLS, unless the server is on this desk. curl itself would not use TLS.
        false => {
            let secure = Url::parse(&format!("https://{text}")).ok()?;
            if is_loopback(&secure) { Url::parse(&format!("http://{text}")).ok()? } else { secure }
        }
    };
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

fn decoded(text: &str) -> String {
    // `+` is itself in this part of an address.
    let pair = format!("x={}", text.replace('+', "%2B"));
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}
