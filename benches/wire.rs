//! A plain client for the benchmarks: one request at a time on an open connection.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use deskbell::domain::contact::Contact;
use deskbell::domain::ids::{ChannelId, Wamid};
use deskbell::http::Marks;

/// Nobody is told that a message was read.
pub(crate) struct NoMarks;

impl Marks for NoMarks {
    fn mark_read(&self, _: ChannelId, _: Wamid, _: bool) {}
    fn set_blocked(&self, _: ChannelId, _: Contact, _: bool) {}
}

/// Opens a connection.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a socket option");
    stream
}

/// Sends a request on an open connection and reads the answer.
pub(crate) fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).expect("the server reads");
    let mut bytes = Vec::new();
    let mut buffer = [0; 65_536];
    loop {
        let count = stream.read(&mut buffer).expect("the server answers");
        assert_ne!(count, 0, "the server closed: {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
        if body.len() >= length.unwrap_or(0) {
            return text.into_owned();
        }
    }
}
