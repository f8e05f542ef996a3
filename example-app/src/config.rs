//! Configuration from the environment, and from nowhere else.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The value of a variable, if it is set to anything.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The database: `DATABASE_URL`, or a file.
#[must_use]
pub fn database_url() -> String {
    variable("DATABASE_URL").unwrap_or_else(|| own_file(variable("STATE_DIRECTORY").as_deref()))
}

/// The file in the directory that systemd keeps for a service, of several in the first; else in
/// one of the directory where the process starts, which is the root of the workspace and the same
/// for all of them.
fn own_file(state: Option<&str>) -> String {
    let directory = state.and_then(|state| state.split(':').next());
    format!("sqlite:{}/uptime.db", directory.unwrap_or("data"))
}

/// The name of this instance, `web.1`, or that of its process type where nobody gave it one.
#[must_use]
pub fn instance(process_type: &str) -> String {
    variable("PS").unwrap_or_else(|| process_type.to_owned())
}

/// Where `web` is reached: where the formation says, or at the port that it listens at.
#[must_use]
pub fn own_url(formation: Option<&str>, port: u16) -> String {
    let url = formation.map_or_else(|| format!("http://127.0.0.1:{port}"), str::to_owned);
    url.trim_end_matches('/').to_owned()
}

/// Where `web` listens: at `PORT`, and on this machine only unless `HOST` says otherwise.
///
/// # Errors
/// When `PORT` is missing or no port, or `HOST` is no IP address.
pub fn listen_address(port: Option<&str>, host: Option<&str>) -> Result<SocketAddr, ConfigError> {
    let wrong =
        |name, value: &str, wanted| ConfigError::Wrong { name, value: value.to_owned(), wanted };
    let port = port.ok_or(ConfigError::Missing { name: "PORT" })?;
    let port = port.parse().map_err(|_| wrong("PORT", port, "a number from 0 to 65535"))?;
    let host: IpAddr = match host {
        Some(host) => host.parse().map_err(|_| wrong("HOST", host, "an IP address"))?,
        None => Ipv4Addr::LOCALHOST.into(),
    };
    Ok(SocketAddr::new(host, port))
}

/// Why the process cannot be configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A variable is not set.
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// A variable has a value that makes no sense.
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it is set to.
        value: String,
        /// What it should be.
        wanted: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name } => write!(f, "`{name}` is not set"),
            Self::Wrong { name, value, wanted } => {
                write!(f, "`{name}` is `{value}`, which is not {wanted}")
            }
        }
    }
}

impl Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::{listen_address, own_file, own_url};

    fn check(port: Option<&str>, host: Option<&str>, expected: &str) {
        let found = match listen_address(port, host) {
            Ok(address) => address.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_port_is_on_this_machine_only() {
        check(Some("4000"), None, "127.0.0.1:4000");
    }

    #[test]
    fn a_host_opens_it() {
        check(Some("4000"), Some("0.0.0.0"), "0.0.0.0:4000");
        check(Some("4000"), Some("::"), "[::]:4000");
    }

    #[test]
    fn a_file_is_where_a_service_may_write() {
        assert_eq!(own_file(None), "sqlite:data/uptime.db");
        assert_eq!(own_file(Some("/var/lib/shop")), "sqlite:/var/lib/shop/uptime.db");
        assert_eq!(own_file(Some("/var/lib/a:/var/lib/b")), "sqlite:/var/lib/a/uptime.db");
    }

    #[test]
    fn a_formation_says_where_web_is_reached() {
        assert_eq!(own_url(None, 4000), "http://127.0.0.1:4000");
        assert_eq!(own_url(Some("http://127.0.0.1:5000/"), 4001), "http://127.0.0.1:5000");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_name() {
        check(None, None, "`PORT` is not set");
        check(Some("http"), None, "`PORT` is `http`, which is not a number from 0 to 65535");
        check(Some("65536"), None, "`PORT` is `65536`, which is not a number from 0 to 65535");
        check(Some("1"), Some("home"), "`HOST` is `home`, which is not an IP address");
    }
}
