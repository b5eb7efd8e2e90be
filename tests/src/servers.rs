//! Servers that never come to an answer, and one that says what it is told to say.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, DnType, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::http_bytes;

/// A server on loopback; dropping it closes its port.
pub struct Server {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start<F, A>(answer: F) -> io::Result<Self>
    where
        F: Fn(TcpStream) -> A + Send + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(answer(stream));
            }
        });
        Ok(Self { address, task })
    }

    /// Takes connections and says nothing.
    pub async fn silent() -> io::Result<Self> {
        Self::start(|stream| async move {
            let _open = stream;
            std::future::pending::<()>().await;
        })
        .await
    }
}

/// A body and its media type.
pub type Said = (&'static str, Vec<u8>);

/// Answers each request with what `said` holds then, and closes the connection.
pub async fn saying(said: Arc<Mutex<Said>>) -> io::Result<Server> {
    Server::start(move |mut stream| {
        let (kind, body) = said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move {
            let (mut request, mut block) = (Vec::new(), vec![0; 16_384]);
            // A request that is whole is answered; a client that left has no use for an answer.
            while !http_bytes::requests(&request).is_ok_and(|whole| !whole.is_empty()) {
                match stream.read(&mut block).await {
                    Ok(0) | Err(_) => return,
                    Ok(length) => request.extend_from_slice(&block[..length]),
                }
            }
            let length = body.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            if stream.write_all(&[head.as_bytes(), &body].concat()).await.is_ok() {
                let _ = stream.shutdown().await;
            }
        }
    })
    .await
}

/// The words on the certificate of [`untrusted`].
pub const UNTRUSTED_SUBJECT: &str = "O=Nobody \"vouches\", CN=localhost";

/// Speaks TLS for `localhost` with a certificate that it signed itself. Gives that certificate, as PEM, too.
pub async fn untrusted() -> io::Result<(Server, String)> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(io::Error::other)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Nobody \"vouches\"");
    params.distinguished_name.push(DnType::CommonName, "localhost");
    params.not_before = rcgen::date_time_ymd(2024, 2, 29);
    params.not_after = rcgen::date_time_ymd(2061, 1, 31);
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.self_signed(&key).map_err(io::Error::other)?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .map_err(io::Error::other)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            // The handshake is all that anybody comes to.
            let _ = acceptor.accept(stream).await;
        }
    })
    .await?;
    Ok((server, certificate.pem().replace("\r\n", "\n")))
}

/// A port of loopback on which nobody listens. Another program may take it, so it is for use at once.
pub async fn closed_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port())
}
