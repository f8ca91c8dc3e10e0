//! Sockets. `[::]` takes IPv4 and IPv6, because Chromium resolves `localhost` to `::1` and does not fall back (findings).

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that the kernel completes before they are accepted.
const BACKLOG: i32 = 4_096;

/// A UDP socket with a receive buffer of `receive_buffer` bytes, or what the kernel gives.
pub(crate) fn udp(address: SocketAddr, receive_buffer: usize) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_recv_buffer_size(receive_buffer)?;
    socket.set_send_buffer_size(receive_buffer)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    let given = socket.recv_buffer_size()?;
    if given < receive_buffer {
        let hint = "raise net.core.rmem_max";
        tracing::info!(
            wanted = receive_buffer,
            given,
            hint,
            "the UDP receive buffer is smaller than wanted"
        );
    }
    Ok(socket.into())
}

/// A listening TCP socket.
pub(crate) fn tcp(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
