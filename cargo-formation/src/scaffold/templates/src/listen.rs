//! Where a process listens: at `PORT`, and on this machine alone unless `HOST` says otherwise.

use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address that the environment asks for.
///
/// # Errors
/// What is missing or wrong, by its name.
pub fn address() -> Result<SocketAddr, String> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    parse(variable("PORT").as_deref(), variable("HOST").as_deref())
}

fn parse(port: Option<&str>, host: Option<&str>) -> Result<SocketAddr, String> {
    let port = port.ok_or("`PORT` is not set")?;
    let is_no = |name, value, what| format!("`{name}` is `{value}`, which is no {what}");
    let port = port.parse().map_err(|_| is_no("PORT", port, "port"))?;
    let Some(host) = host else {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    };
    let host: IpAddr = host.parse().map_err(|_| is_no("HOST", host, "address"))?;
    Ok((host, port).into())
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn check(port: Option<&str>, host: Option<&str>, expected: &str) {
        let found = parse(port, host).map_or_else(|why| why, |address| address.to_string());
        assert_eq!(found, expected);
    }

    #[test]
    fn a_port_is_on_this_machine_alone_until_a_host_opens_it() {
        check(Some("4000"), None, "127.0.0.1:4000");
        check(Some("4000"), Some("0.0.0.0"), "0.0.0.0:4000");
        check(Some("4000"), Some("::"), "[::]:4000");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        check(None, None, "`PORT` is not set");
        check(Some("http"), None, "`PORT` is `http`, which is no port");
        let wrong = "`HOST` is `home`, which is no address";
        check(Some("1"), Some("home"), wrong);
    }
}
