//! Files that people find again: named for what is in them, never over another, whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use juxta_wire::error::AppError;
use juxta_wire::transfer::Exported;

use crate::run::invalid;

/// Characters of a name, its ending aside.
const LONGEST: usize = 80;
/// Copies of one name.
const MOST_COPIES: u32 = 10_000;

/// Names that Windows keeps for devices, with any ending.
const RESERVED: &[&str] = &["con", "prn", "aux", "nul"];

/// The folder that the person chose, or that for downloads. `~` at its beginning is their home folder.
pub fn folder(chosen: Option<&str>) -> Result<PathBuf, AppError> {
    let Some(chosen) = chosen.map(str::trim).filter(|folder| !folder.is_empty()) else {
        return dirs::download_dir()
            .or_else(|| Some(dirs::home_dir()?.join("Downloads")))
            .ok_or_else(|| invalid("exportFolder", "There is no folder for downloads: choose one in the settings"));
    };
    let Some(below_home) = below_home(chosen) else { return Ok(PathBuf::from(chosen)) };
    let home = dirs::home_dir().ok_or_else(|| {
        invalid("exportFolder", "This system does not say where the home folder is: write the whole path")
    })?;
    Ok(if below_home.is_empty() { home } else { home.join(below_home) })
}

/// What stands behind `~` or `~/`. `~ada` is a name like any other.
fn below_home(folder: &str) -> Option<&str> {
    let rest = folder.strip_prefix('~')?;
    let is_separator = |character: char| character == '/' || cfg!(windows) && character == '\\';
    (rest.is_empty() || rest.starts_with(is_separator)).then(|| rest.trim_start_matches(is_separator))
}

/// Writes `bytes` under `name`, made fit for every system, or under `name (2)` and so on.
pub fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<Exported, AppError> {
    let failed = |error: io::Error| AppError::Storage {
        message: format!("The file could not be written into {}: {error}", folder.display()),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let (stem, ending) = safe_name(name);
    let unfinished = folder.join(format!(".{}.part", uuid::Uuid::new_v4()));
    let path = write(&unfinished, bytes).and_then(|()| take_name(folder, &stem, &ending)).and_then(|path| {
        // The name is ours already, as an empty file.
        fs::rename(&unfinished, &path).inspect_err(|_| drop(fs::remove_file(&path)))?;
        Ok(path)
    });
    match path {
        Ok(path) => Ok(Exported { path: path.display().to_string(), bytes: bytes.len() as u64 }),
        Err(error) => {
            if let Err(left) = fs::remove_file(&unfinished) {
                tracing::debug!(%left, "there is no unfinished file to remove");
            }
            Err(failed(error))
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn take_name(folder: &Path, stem: &str, ending: &str) -> io::Result<PathBuf> {
    for number in 1..MOST_COPIES {
        let copy = if number == 1 { String::new() } else { format!(" ({number})") };
        let path = folder.join(format!("{stem}{copy}{ending}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}

/// A name that every system takes, with its ending apart.
pub fn safe_name(name: &str) -> (String, String) {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending))
            if (1..=10).contains(&ending.len()) && ending.chars().all(|letter| letter.is_ascii_alphanumeric()) =>
        {
            (stem, format!(".{ending}"))
        }
        _ => (name, String::new()),
    };
    let mut safe = String::new();
    for character in stem.chars() {
        // A dash that was there and one that stands for something else make one.
        let fits = !character.is_control() && !character.is_whitespace() && !r#"/\:*?"<>|-"#.contains(character);
        match fits {
            true => safe.push(character),
            false if !safe.ends_with('-') => safe.push('-'),
            false => {}
        }
    }
    let mut safe = shortened(safe.trim_matches(['.', '-', ' ']));
    let device = safe.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_numbered =
        ["com", "lpt"].iter().any(|kind| device.strip_prefix(kind).is_some_and(|rest| rest.chars().count() == 1));
    if safe.is_empty() || is_numbered || RESERVED.contains(&device.as_str()) {
        safe = format!("juxta-{safe}").trim_end_matches('-').to_owned();
    }
    (safe, ending)
}

/// The middle goes, so that the time at the end of a name stays.
fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= LONGEST {
        return name.to_owned();
    }
    let half = LONGEST / 2;
    name.chars().take(half).chain(['…']).chain(name.chars().skip(count - half)).collect()
}

/// `2026-11-21-1551`, as the clock on the wall shows it.
pub fn local_time(unix_milliseconds: u64) -> String {
    let known = i64::try_from(unix_milliseconds).ok().and_then(|time| Timestamp::from_millisecond(time).ok());
    let local = known.unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::system());
    local.strftime("%Y-%m-%d-%H%M").to_string()
}

/// By what the server says it is, and by its first bytes when it says nothing that helps.
pub fn ending(content_type: &str, body: &[u8]) -> &'static str {
    const BY_TYPE: &[(&str, &str)] = &[
        ("event-stream", "sse"),
        ("ndjson", "jsonl"),
        ("json", "json"),
        ("html", "html"),
        ("csv", "csv"),
        ("image/png", "png"),
        ("image/jpeg", "jpg"),
        ("image/webp", "webp"),
        ("image/gif", "gif"),
        ("image/svg", "svg"),
        ("audio/mpeg", "mp3"),
        ("audio/wav", "wav"),
        ("audio/x-wav", "wav"),
        ("audio/ogg", "ogg"),
        ("audio/flac", "flac"),
        ("audio/aac", "aac"),
        ("pdf", "pdf"),
        ("xml", "xml"),
    ];
    const BY_BYTES: &[(&[u8], &str)] = &[
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF8", "gif"),
        (b"%PDF", "pdf"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"ID3", "mp3"),
        (b"data:", "sse"),
        (b"event:", "sse"),
        (b"{", "json"),
        (b"[", "json"),
        (b"<", "html"),
    ];
    let content_type = content_type.to_ascii_lowercase();
    let by_type = BY_TYPE.iter().find(|(part, _)| content_type.contains(part)).map(|(_, ending)| *ending);
    let by_bytes = || BY_BYTES.iter().find(|(start, _)| body.starts_with(start)).map(|(_, ending)| *ending);
    by_type.or_else(by_bytes).unwrap_or(match std::str::from_utf8(body) {
        Ok(_) => "txt",
        Err(_) => "bin",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder_and_a_name_with_one_is_not() {
        let home = dirs::home_dir().expect("a home folder");
        for (chosen, expected) in [
            ("~", home.clone()),
            (" ~/ ", home.clone()),
            ("~/runs ü/two", home.join("runs ü/two")),
            ("~//runs", home.join("runs")),
            ("~ada/runs", PathBuf::from("~ada/runs")),
            ("/srv/~/runs", PathBuf::from("/srv/~/runs")),
        ] {
            assert_eq!(folder(Some(chosen)), Ok(expected), "{chosen:?}");
        }
        assert_eq!(folder(Some(" ")), folder(None));
    }

    #[test]
    fn a_name_fits_every_system_and_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = "ä".repeat(300);
        for (name, expected) in [
            ("juxta-a/b\\c: \"d\"?-1.har", "juxta-a-b-c-d-1.har"),
            ("juxta-a/b\\c: \"d\"?-1.har", "juxta-a-b-c-d-1 (2).har"),
            ("../../etc/passwd", "etc-passwd"),
            ("Größe 東京.jsonl", "Größe-東京.jsonl"),
            ("CON.txt", "juxta-CON.txt"),
            ("lpt1", "juxta-lpt1"),
            ("", "juxta"),
            ("...", "juxta (2)"),
            ("a\n\tb.sh", "a-b.sh"),
            (long.as_str(), &format!("{0}…{0}", "ä".repeat(40))),
        ] {
            let saved = save(folder.path(), name, name.as_bytes()).expect("a file");
            assert_eq!(Path::new(&saved.path), folder.path().join(expected));
            assert_eq!(fs::read(&saved.path).expect("the file"), name.as_bytes());
        }
        let left = fs::read_dir(folder.path()).expect("the folder").flatten();
        let hidden: Vec<_> = left.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).collect();
        assert!(hidden.is_empty(), "{hidden:?}");
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a file");
        fs::write(&file, "").expect("a file");
        let error = save(&file.join("below"), "x.har", b"").expect_err("no folder");
        assert!(error.to_string().contains("a file"), "{error}");
    }

    #[test]
    fn an_ending_says_what_is_inside() {
        for (content_type, body, expected) in [
            ("text/event-stream; charset=utf-8", &b"x"[..], "sse"),
            ("application/problem+json", b"x", "json"),
            ("", b"{\"a\":1}", "json"),
            ("application/octet-stream", b"\x89PNG\r\n", "png"),
            ("", b"plain", "txt"),
            ("", b"\xff\x00", "bin"),
            ("TEXT/HTML", b"", "html"),
        ] {
            assert_eq!(ending(content_type, body), expected, "{content_type}");
        }
    }
}
