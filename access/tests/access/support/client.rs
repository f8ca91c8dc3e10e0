//! A client with the same vocabulary over both transports. It reads only when it is asked to, so it can be slow.

use std::collections::VecDeque;

use bytes::Bytes;
use im_access::Addresses;
use im_shared::ids::SessionId;
use im_shared::wire::{
    self, AuthRequest, AuthResponse, Body, CloseCode, Frame, Heartbeat, RequestId,
};
use tokio::time::timeout;

use super::web_socket::WebSocketClient;
use super::web_transport::WebTransportClient;
use super::{PATIENCE, Ticket};

/// What carries a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    WebTransport,
    WebSocket,
}

impl Transport {
    pub(crate) const BOTH: [Self; 2] = [Self::WebTransport, Self::WebSocket];
}

/// What came from the server.
#[derive(Debug)]
pub(crate) enum Arrived {
    /// On the live stream.
    Live(Bytes),
    /// On a stream of its own.
    Bulk(Bytes),
    /// In a datagram.
    Datagram(Bytes),
    /// The connection ended, with this code where the transport tells it.
    End(Option<CloseCode>),
}

enum Connection {
    WebTransport(Box<WebTransportClient>),
    WebSocket(Box<WebSocketClient>),
}

/// One connection.
pub(crate) struct Client {
    connection: Connection,
    pub(crate) session: SessionId,
    ahead: VecDeque<Frame>,
    next_id: u64,
}

impl Client {
    /// `None` when the server does not let it in.
    pub(crate) async fn connect(
        transport: Transport,
        addresses: Addresses,
        hashes: &[String],
    ) -> Option<Self> {
        let connect = async {
            Some(match transport {
                Transport::WebTransport => {
                    let port = addresses.web_transport.port();
                    Connection::WebTransport(Box::new(
                        WebTransportClient::connect(port, hashes).await?,
                    ))
                }
                Transport::WebSocket => {
                    let port = addresses.web_socket.port();
                    Connection::WebSocket(Box::new(WebSocketClient::connect(port).await?))
                }
            })
        };
        let connection = timeout(PATIENCE, connect)
            .await
            .expect("an answer in time")?;
        Some(Self {
            connection,
            session: SessionId(0),
            ahead: VecDeque::new(),
            next_id: 1,
        })
    }

    /// Sends an `AuthRequest` and takes the `AuthResponse`.
    pub(crate) async fn authenticate(&mut self, token: &str, ticket: &Ticket) -> AuthResponse {
        self.send(&auth_request(token, ticket)).await;
        match self.next().await.body {
            Body::AuthResponse(response) => {
                self.session = response.session_id;
                response
            }
            other => panic!("not authenticated: {other:?}"),
        }
    }

    /// From now on does not leave by itself when it is told to; only WebTransport can.
    pub(crate) fn stay(&mut self) {
        match &mut self.connection {
            Connection::WebTransport(client) => client.stays = true,
            Connection::WebSocket(_) => panic!("the library answers a close"),
        }
    }

    /// Sends a frame.
    pub(crate) async fn send(&mut self, frame: &Frame) {
        self.send_bytes(&wire::encode(frame)).await;
    }

    /// Sends bytes as one frame, whatever they are. A connection that is gone is noticed when it is read.
    pub(crate) async fn send_bytes(&mut self, frame: &[u8]) {
        match &mut self.connection {
            Connection::WebTransport(client) => client.send(frame).await,
            Connection::WebSocket(client) => client.send(frame).await,
        }
    }

    /// Sends bytes as one datagram; only WebTransport has these.
    pub(crate) fn send_datagram(&self, frame: &[u8]) {
        match &self.connection {
            Connection::WebTransport(client) => client.send_datagram(frame),
            Connection::WebSocket(_) => panic!("no datagrams here"),
        }
    }

    /// Sends a request and gives the body of its answer; what arrives before is kept for [`Self::next`].
    pub(crate) async fn ask(&mut self, body: impl Into<Body>) -> Body {
        let id = RequestId(1_000_000 + self.next_id);
        self.next_id += 1;
        self.send(&Frame::request(id, body)).await;
        let mut before = std::mem::take(&mut self.ahead);
        loop {
            let frame = self.next().await;
            if frame.request_id == id {
                self.ahead = before;
                return frame.body;
            }
            before.push_back(frame);
        }
    }

    /// Sends bytes that announce a frame of `length` bytes and do not deliver it.
    pub(crate) async fn announce(&mut self, length: u32) {
        match &mut self.connection {
            Connection::WebTransport(client) => client.send_raw(&length.to_be_bytes()).await,
            // A message has its length in front on this transport too, but the library sends it whole.
            Connection::WebSocket(client) => client.send(&vec![0; length as usize]).await,
        }
    }

    /// Sends a text message; only WebSocket has these.
    pub(crate) async fn send_text(&mut self, text: &str) {
        match &mut self.connection {
            Connection::WebTransport(_) => panic!("no text messages here"),
            Connection::WebSocket(client) => client.send_text(text).await,
        }
    }

    /// The next frame, wherever it arrives.
    pub(crate) async fn next(&mut self) -> Frame {
        if let Some(frame) = self.ahead.pop_front() {
            return frame;
        }
        match self.arrived().await {
            Arrived::Live(frame) | Arrived::Bulk(frame) | Arrived::Datagram(frame) => {
                wire::decode(&frame).unwrap()
            }
            Arrived::End(code) => panic!("the session ended with {code:?}"),
        }
    }

    /// What comes next.
    pub(crate) async fn arrived(&mut self) -> Arrived {
        let arrived = async {
            match &mut self.connection {
                Connection::WebTransport(client) => client.arrived().await,
                Connection::WebSocket(client) => client.arrived().await,
            }
        };
        timeout(PATIENCE, arrived)
            .await
            .expect("something arrives in time")
    }

    /// Everything until the end: the frames, and the code of the transport.
    pub(crate) async fn rest(&mut self) -> (Vec<Frame>, Option<CloseCode>) {
        let mut frames: Vec<Frame> = self.ahead.drain(..).collect();
        loop {
            match self.arrived().await {
                Arrived::Live(frame) | Arrived::Bulk(frame) | Arrived::Datagram(frame) => {
                    frames.push(wire::decode(&frame).unwrap())
                }
                Arrived::End(code) => return (frames, code),
            }
        }
    }

    /// Reads until the end, where the last frame must be a `Kick` with this code, and the transport must say the same.
    pub(crate) async fn expect_kick(&mut self, code: CloseCode) -> Vec<Frame> {
        let (mut frames, ended) = self.rest().await;
        match frames.pop().map(|frame| frame.body) {
            Some(Body::Kick(kick)) => assert_eq!(kick.code.name(), code.name()),
            other => panic!("the last frame is no Kick: {other:?}"),
        }
        assert_eq!(ended, Some(code), "[S6]");
        frames
    }

    /// Sends a heartbeat and gives the count of pushes; what arrives before the answer is kept for [`Self::next`].
    pub(crate) async fn heartbeat(&mut self) -> u64 {
        match self.ask(Heartbeat { client_time: 5 }).await {
            Body::HeartbeatAck(ack) => {
                assert_eq!(ack.client_time, 5);
                ack.pushed
            }
            other => panic!("not an answer to a heartbeat: {other:?}"),
        }
    }

    /// How many frames have arrived and were not taken by [`Self::next`], as of the last heartbeat.
    pub(crate) fn waiting(&self) -> usize {
        self.ahead.len()
    }
}

/// The first frame of a session.
pub(crate) fn auth_request(token: &str, ticket: &Ticket) -> Frame {
    Frame::request(
        RequestId(1),
        AuthRequest {
            token: token.into(),
            device_id: ticket.device.clone(),
            platform: ticket.platform,
            client_version: "test".to_owned(),
        },
    )
}
