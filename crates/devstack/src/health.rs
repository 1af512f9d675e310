//! Whether a part answers, asked the way a client would ask.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Kafka's Metadata request, version 5, for no topic: asks which brokers there are.
const METADATA_REQUEST: [u8; 19] = [
    0, 0, 0, 15, // bytes that follow
    0, 3, 0, 5, // key, version
    0, 0, 0, 1, // correlation id
    0xff, 0xff, // no client id
    0, 0, 0, 0, // no topic
    0, // do not create any
];

/// Number of brokers the broker on `port` knows of; none when it does not answer.
pub(crate) fn known_brokers(port: u16) -> Option<u32> {
    let mut stream = connect(port)?;
    stream.write_all(&METADATA_REQUEST).ok()?;
    // Length, correlation id, throttle time, number of brokers.
    let mut reply = [0; 16];
    stream.read_exact(&mut reply).ok()?;
    Some(u32::from_be_bytes([reply[12], reply[13], reply[14], reply[15]]))
}

/// Whether `GET path` on `port` answers 200.
pub(crate) fn http_ok(port: u16, path: &str) -> bool {
    let ask = || {
        let mut stream = connect(port)?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).ok()?;
        Some(status.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

fn connect(port: u16) -> Option<TcpStream> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}
