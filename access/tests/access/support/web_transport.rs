//! A client over WebTransport that trusts the certificate by its hash, as a browser does.

use std::sync::Arc;

use bytes::Bytes;
use im_shared::wire::limits::MAX_FRAME;
use im_shared::wire::{CloseCode, FrameDecoder};
use tokio::sync::mpsc;
use wtransport::error::ConnectionError;
use wtransport::tls::{Sha256Digest, Sha256DigestFmt};
use wtransport::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, VarInt, quinn};

use super::Arrived;

/// Small, so that a client that does not read is noticed soon.
const WINDOW: u32 = 64 * 1024;

pub(crate) struct WebTransportClient {
    connection: Connection,
    send: SendStream,
    receive: RecvStream,
    decoder: FrameDecoder,
    bulk: mpsc::Receiver<Bytes>,
    bulk_sender: mpsc::Sender<Bytes>,
    ended: bool,
    /// Does not leave after the last frame, as [S6] asks.
    pub(crate) stays: bool,
    no_more_streams: bool,
    no_more_datagrams: bool,
    _endpoint: Endpoint<wtransport::endpoint::endpoint_side::Client>,
}

impl WebTransportClient {
    pub(crate) async fn connect(port: u16, hashes: &[String]) -> Option<Self> {
        let hash = |hash: &String| {
            let bytes: Vec<String> = hash
                .as_bytes()
                .chunks(2)
                .map(|c| String::from_utf8_lossy(c).into())
                .collect();
            Sha256Digest::from_str_fmt(bytes.join(":"), Sha256DigestFmt::DottedHex).unwrap()
        };
        let mut config = ClientConfig::builder()
            .with_bind_default()
            .with_server_certificate_hashes(hashes.iter().map(hash))
            .build();
        let mut transport = quinn::TransportConfig::default();
        transport.stream_receive_window(VarInt::from_u32(WINDOW).into_inner().try_into().unwrap());
        config
            .quic_config_mut()
            .transport_config(Arc::new(transport));
        let endpoint = Endpoint::client(config).unwrap();
        let connection = endpoint
            .connect(format!("https://localhost:{port}/im/v1"))
            .await
            .ok()?;
        let (send, receive) = connection.open_bi().await.ok()?.await.ok()?;
        let (bulk_sender, bulk) = mpsc::channel(64);
        let decoder = FrameDecoder::new(MAX_FRAME);
        Some(Self {
            connection,
            send,
            receive,
            decoder,
            bulk,
            bulk_sender,
            ended: false,
            stays: false,
            no_more_streams: false,
            no_more_datagrams: false,
            _endpoint: endpoint,
        })
    }

    pub(crate) async fn send(&mut self, frame: &[u8]) {
        let mut bytes = (frame.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(frame);
        self.send_raw(&bytes).await;
    }

    pub(crate) fn send_datagram(&self, bytes: &[u8]) {
        self.connection.send_datagram(bytes).expect("room for it");
    }

    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        // A connection that is gone is noticed when it is read.
        let _ = self.send.write_all(bytes).await;
    }

    pub(crate) async fn arrived(&mut self) -> Arrived {
        loop {
            if let Some(frame) = self.decoder.next().unwrap() {
                return Arrived::Live(frame);
            }
            if self.ended {
                if !self.stays {
                    // An error means that it was ended from the other side.
                    let _ = self.send.quic_stream_mut().finish();
                }
                return Arrived::End(close_code(&self.connection.closed().await));
            }
            tokio::select! {
                chunk = self.receive.quic_stream_mut().read_chunk(usize::MAX, true) => match chunk {
                    Ok(Some(chunk)) => self.decoder.push(&chunk.bytes),
                    Ok(None) | Err(_) => self.ended = true,
                },
                stream = self.connection.accept_uni(), if !self.no_more_streams => match stream {
                    Ok(stream) => drop(tokio::spawn(read_bulk(stream, self.bulk_sender.clone()))),
                    // The live stream may still hold what came before the end.
                    Err(_) => self.no_more_streams = true,
                },
                Some(frame) = self.bulk.recv() => return Arrived::Bulk(frame),
                datagram = self.connection.receive_datagram(), if !self.no_more_datagrams => match datagram {
                    Ok(datagram) => return Arrived::Datagram(datagram.payload()),
                    Err(_) => self.no_more_datagrams = true,
                },
            }
        }
    }
}

/// One frame, then the end of the stream ([T2]).
async fn read_bulk(mut stream: RecvStream, frames: mpsc::Sender<Bytes>) {
    let bytes = stream
        .quic_stream_mut()
        .read_to_end(2 * MAX_FRAME)
        .await
        .unwrap();
    let mut decoder = FrameDecoder::new(MAX_FRAME);
    decoder.push(&bytes);
    let frame = decoder.next().unwrap().expect("a whole frame");
    assert!(decoder.next().unwrap().is_none(), "one frame each");
    frames.send(frame).await.unwrap();
}

fn close_code(error: &ConnectionError) -> Option<CloseCode> {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            u16::try_from(close.code().into_inner()).ok().map(CloseCode)
        }
        _ => None,
    }
}
