//! A client over WebSocket.

use futures_util::{SinkExt, StreamExt};
use im_shared::wire::CloseCode;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Arrived;

pub(crate) struct WebSocketClient {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl WebSocketClient {
    pub(crate) async fn connect(port: u16) -> Option<Self> {
        let (socket, _) = connect_async(format!("ws://localhost:{port}/im/v1"))
            .await
            .ok()?;
        Some(Self { socket })
    }

    pub(crate) async fn send(&mut self, frame: &[u8]) {
        // A connection that is gone is noticed when it is read.
        let _ = self.socket.send(Message::binary(frame.to_vec())).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        let _ = self.socket.send(Message::text(text.to_owned())).await;
    }

    pub(crate) async fn arrived(&mut self) -> Arrived {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(frame))) => return Arrived::Live(frame),
                Some(Ok(Message::Close(frame))) => {
                    return Arrived::End(frame.map(|frame| CloseCode(frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Arrived::End(None),
            }
        }
    }
}
