//! Reads a certificate as far as people look at one. Nothing is decided here: the system's verifier has refused it.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use juxta_wire::certificate::Certificate;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{ASN1Time, FromDer, GeneralName, X509Certificate};

/// Letters of a line between the marks of a PEM file (RFC 7468).
const PEM_LINE: usize = 64;

pub(crate) fn read(der: &[u8]) -> Certificate {
    let kept = Certificate { sha256: sha256(der), pem: pem(der), ..Certificate::default() };
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return kept };
    Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial: certificate.raw_serial_as_string(),
        not_before: time(certificate.validity().not_before),
        not_after: time(certificate.validity().not_after),
        names: names(&certificate),
        ..kept
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    extension.value.general_names.iter().filter_map(name).collect()
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) | GeneralName::RFC822Name(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => <[u8; 4]>::try_from(*octets)
            .map(|octets| Ipv4Addr::from(octets).to_string())
            .or_else(|_| <[u8; 16]>::try_from(*octets).map(|octets| Ipv6Addr::from(octets).to_string()))
            .ok(),
        _ => None,
    }
}

fn time(time: ASN1Time) -> String {
    jiff::Timestamp::from_second(time.timestamp()).map(|time| time.to_string()).unwrap_or_default()
}

fn sha256(der: &[u8]) -> String {
    Sha256::digest(der).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn pem(der: &[u8]) -> String {
    let letters = STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let mut rest = letters.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(PEM_LINE));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType};

    use super::*;

    #[test]
    fn a_certificate_says_whom_it_is_for_who_signed_it_and_how_long_it_holds() {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
        params.subject_alt_names.push(SanType::IpAddress(Ipv4Addr::LOCALHOST.into()));
        params.subject_alt_names.push(SanType::IpAddress(Ipv6Addr::LOCALHOST.into()));
        params.distinguished_name.push(DnType::CommonName, "Müller \"& Söhne\"");
        params.not_before = rcgen::date_time_ymd(2024, 2, 29);
        params.not_after = rcgen::date_time_ymd(2061, 1, 31);
        params.serial_number = Some(vec![1, 0xaf, 3].into());
        let key = KeyPair::generate().expect("a key");
        let made = params.self_signed(&key).expect("a certificate");
        let read = read(made.der());
        assert!(read.subject.contains("Müller"), "{}", read.subject);
        assert_eq!(read.issuer, read.subject, "it signed itself");
        assert_eq!(read.serial, "01:af:03");
        assert_eq!([&read.not_before, &read.not_after], ["2024-02-29T00:00:00Z", "2061-01-31T00:00:00Z"]);
        assert_eq!(read.names, ["localhost", "127.0.0.1", "::1"]);
        assert_eq!(read.pem, made.pem().replace("\r\n", "\n"));
        assert_eq!(read.sha256.len(), 64);
    }

    #[test]
    fn bytes_that_are_no_certificate_are_kept_as_they_came() {
        let read = read(b"not a certificate");
        assert_eq!((read.subject.as_str(), read.names.len()), ("", 0));
        assert_eq!(read.pem, "-----BEGIN CERTIFICATE-----\nbm90IGEgY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n");
        assert_eq!(read.sha256, "47209c9b7af839de69e9a9cd625e9182c1ad63dae79ed88a2dd680fe34218620");
    }
}
