//! The notices of the three kinds of desktop. On Linux that is one call on the session bus
//! (<https://specifications.freedesktop.org/notification-spec/latest/>); a desktop without such a service refuses it.

use super::Words;

#[cfg(all(unix, not(target_os = "macos")))]
mod bus {
    use std::collections::HashMap;
    use std::time::Duration;

    use zbus::blocking::connection::Builder;
    use zbus::zvariant::Value;

    use super::Words;

    pub const SERVICE: &str = "org.freedesktop.Notifications";
    pub const PATH: &str = "/org/freedesktop/Notifications";
    /// For a service that has to be started first, or that hangs.
    const PATIENCE: Duration = Duration::from_secs(15);

    pub fn show(words: &Words, bus: Builder<'_>) -> zbus::Result<()> {
        let connection = bus.method_timeout(PATIENCE).build()?;
        let hints = HashMap::from([("desktop-entry", Value::from("juxta"))]);
        let (replaces, actions, as_long_as_usual) = (0_u32, Vec::<&str>::new(), -1_i32);
        let notice =
            ("Juxta", replaces, "juxta", words.title.as_str(), words.body.as_str(), actions, hints, as_long_as_usual);
        connection.call_method(Some(SERVICE), PATH, Some(SERVICE), "Notify", &notice)?;
        Ok(())
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn show(words: &Words, _identifier: &str) -> zbus::Result<()> {
    bus::show(words, zbus::blocking::connection::Builder::session()?)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn show(words: &Words, identifier: &str) -> notify_rust::error::Result<()> {
    let mut notice = notify_rust::Notification::new();
    notice.appname("Juxta").summary(&words.title).body(&words.body);
    // Without an installed app of that name Windows shows nothing, and macOS takes the terminal's.
    if !tauri::is_dev() {
        #[cfg(target_os = "windows")]
        notice.app_id(identifier);
        #[cfg(target_os = "macos")]
        let _ = notify_rust::set_application(identifier);
    }
    notice.show().map(drop)
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::sync::mpsc;

    use zbus::blocking::connection::Builder;
    use zbus::zvariant::OwnedValue;

    use super::*;

    /// A bus of the test's own; it ends with it.
    struct Bus(Child);

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// A desktop that writes down what it is told.
    struct Desktop(mpsc::Sender<(String, String, String)>);

    #[zbus::interface(name = "org.freedesktop.Notifications")]
    impl Desktop {
        #[allow(clippy::too_many_arguments, reason = "the call of the specification")]
        fn notify(
            &self,
            app: String,
            _replaces: u32,
            _icon: String,
            title: String,
            body: String,
            _actions: Vec<String>,
            _hints: std::collections::HashMap<String, OwnedValue>,
            _timeout: i32,
        ) -> u32 {
            self.0.send((app, title, body)).expect("somebody listens");
            1
        }
    }

    fn words() -> Words {
        Words { title: "Tickets “März”".to_owned(), body: "The batch is finished: 10 done, 2 failed".to_owned() }
    }

    #[test]
    fn without_a_session_bus_nothing_is_shown_and_that_is_said() {
        let folder = std::env::temp_dir().join("no such folder").join("bus");
        let nowhere = format!("unix:path={}", folder.display());
        let builder = Builder::address(nowhere.as_str()).expect("an address");
        assert!(bus::show(&words(), builder).is_err());
    }

    #[test]
    fn a_desktop_is_told_and_one_without_notices_refuses() {
        let anywhere = format!("unix:tmpdir={}", std::env::temp_dir().display());
        let daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address", "--address", &anywhere])
            .env("XDG_DATA_DIRS", "")
            .env("XDG_DATA_HOME", "")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(daemon) = daemon else {
            eprintln!("there is no dbus-daemon, so nothing was tried");
            return;
        };
        let mut daemon = Bus(daemon);
        let mut address = String::new();
        let said = daemon.0.stdout.take().expect("its words");
        BufReader::new(said).read_line(&mut address).expect("an address");
        let builder = || Builder::address(address.trim()).expect("an address");
        bus::show(&words(), builder()).expect_err("nobody shows notices here");

        let (told, heard) = mpsc::channel();
        let serving = builder().name(bus::SERVICE).and_then(|builder| builder.serve_at(bus::PATH, Desktop(told)));
        let _desktop = serving.and_then(Builder::build).expect("a desktop");
        bus::show(&words(), builder()).expect("told");
        let Words { title, body } = words();
        assert_eq!(heard.recv().expect("a notice"), ("Juxta".to_owned(), title, body));
    }
}
