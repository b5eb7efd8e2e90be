use std::sync::Arc;

use juxta_client::http::HttpClients;
use juxta_client::send::{EndKind, Ended, send};
use juxta_wire::connection::Network;
use juxta_wire::error::{AppError, NetworkStage};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::server::{STOP, STREAM_HEAD, Seen, call, delta, network};

/// A certificate authority (as PEM) and a server for `localhost` that it vouches for.
fn authority() -> (String, TlsAcceptor) {
    authority_that_speaks(rustls::DEFAULT_VERSIONS)
}

fn authority_that_speaks(versions: &[&'static SupportedProtocolVersion]) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let root = params.self_signed(&key).expect("a root");
    let issuer = Issuer::from_params(&params, &key);

    let server_key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(vec!["localhost".to_owned()])
        .expect("parameters")
        .signed_by(&server_key, &issuer)
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            PrivateKeyDer::try_from(server_key.serialize_der()).expect("a key"),
        )
        .expect("a server");
    (root.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn called(network: &Network, acceptor: &TlsAcceptor) -> (Ended, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let http = HttpClients::new().get(network).expect("a client");
    let (call, mut seen) = (call(&format!("https://localhost:{port}/v1")), Seen::default());
    let serve = async {
        let (stream, _) = listener.accept().await.expect("a client");
        let Ok(mut stream) = acceptor.accept(stream).await else { return };
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await;
        let answer = format!("{STREAM_HEAD}{}{STOP}", delta("Hi."));
        stream.write_all(answer.as_bytes()).await.expect("written");
        stream.shutdown().await.expect("closed");
    };
    let cancel = CancellationToken::new();
    let (ended, ()) = tokio::join!(send(&http, &call, &mut seen, &cancel), serve);
    (ended, seen)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_fails_at_tls() {
    let (pem, acceptor) = authority();
    let (ended, _) = called(&network(), &acceptor).await;
    let EndKind::Failed(AppError::Network { stage: NetworkStage::Tls, certificates, .. }) = &ended.kind else {
        panic!("{:?}", ended.kind)
    };
    // The server sends its own and not the root that vouches for it.
    let [shown] = certificates.as_slice() else { panic!("{certificates:?}") };
    assert_eq!(shown.names, ["localhost"]);
    assert_ne!(shown.pem, pem);
    assert!(ended.phases.connect.is_some() && ended.phases.tls.is_some(), "{:?}", ended.phases);
    assert_eq!((ended.phases.send, ended.head), (None, None));
}

#[tokio::test]
async fn a_ca_file_of_ones_own_is_trusted_and_every_phase_is_timed() {
    let (pem, acceptor) = authority();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, pem).expect("written");
    let network = Network { ca_file: Some(path.display().to_string()), ..network() };
    let (ended, seen) = called(&network, &acceptor).await;
    assert_eq!((&ended.kind, seen.text.as_str()), (&EndKind::Finished, "Hi."));
    let phases = ended.phases;
    let spans = [phases.dns, phases.connect, phases.tls, phases.send, phases.wait, phases.receive]
        .map(|span| span.expect("every phase took place"));
    let times: Vec<f64> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
    assert!(times.is_sorted(), "{times:?}");
}

/// Answers every request of one connection after another, and says what the server's side of it negotiated.
async fn serve_kept(listener: &TcpListener, acceptor: &TlsAcceptor, requests: usize) -> (String, String) {
    let (stream, _) = listener.accept().await.expect("a client");
    let mut stream = acceptor.accept(stream).await.expect("a handshake");
    let (_, connection) = stream.get_ref();
    let version = connection.protocol_version().expect("a version").as_str().expect("a name").to_owned();
    let suite = connection.negotiated_cipher_suite().expect("a suite").suite().as_str().expect("a name").to_owned();
    for request in 1..=requests {
        let mut seen = Vec::new();
        let mut portion = [0; 4096];
        while !seen.ends_with(b"}") {
            let length = stream.read(&mut portion).await.expect("a request");
            assert!(length > 0, "the client went away");
            seen.extend_from_slice(&portion[..length]);
        }
        let body = format!("{}{STOP}", delta("Hi."));
        // So that the next call does not try a connection that is about to end.
        let closing = if request == requests { "connection: close\r\n" } else { "" };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length:";
        stream.write_all(format!("{head} {}\r\n{closing}\r\n{body}", body.len()).as_bytes()).await.expect("written");
        stream.flush().await.expect("sent");
    }
    (version, suite)
}

#[tokio::test]
async fn version_and_cipher_are_those_that_the_server_negotiated_and_stay_with_the_connection() {
    for (versions, version) in [(&[&rustls::version::TLS13], "TLS 1.3"), (&[&rustls::version::TLS12], "TLS 1.2")] {
        let (pem, acceptor) = authority_that_speaks(versions);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, pem).expect("written");
        let network = Network { ca_file: Some(path.display().to_string()), ..network() };
        let http = HttpClients::new().get(&network).expect("a client");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let cancel = CancellationToken::new();
        // The first connection is used twice; the second resumes its session where the server allows that.
        for requests in [2, 1] {
            let calls = async {
                let mut ended = Vec::new();
                for _ in 0..requests {
                    let (call, mut seen) = (call(&format!("https://localhost:{port}/v1")), Seen::default());
                    ended.push(send(&http, &call, &mut seen, &cancel).await);
                }
                ended
            };
            let (ended, (said_version, said_suite)) = tokio::join!(calls, serve_kept(&listener, &acceptor, requests));
            for (at, ended) in ended.into_iter().enumerate() {
                assert_eq!((&ended.kind, ended.phases.reused_connection), (&EndKind::Finished, at > 0));
                let tls = ended.head.expect("a head").tls.expect("a session");
                assert_eq!(tls.version, version);
                assert_eq!(said_version, version.replace(' ', "v").replace('.', "_"));
                assert_eq!(tls.cipher, said_suite.replace("TLS13_", "TLS_"), "{version}, call {at}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_without_tls_has_no_session() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let http = HttpClients::new().get(&network()).expect("a client");
    let (call, mut seen) = (call(&format!("http://localhost:{port}/v1")), Seen::default());
    let serve = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await;
        let answer = format!("{STREAM_HEAD}{}{STOP}", delta("Hi."));
        stream.write_all(answer.as_bytes()).await.expect("written");
    };
    let cancel = CancellationToken::new();
    let (ended, ()) = tokio::join!(send(&http, &call, &mut seen, &cancel), serve);
    assert_eq!(ended.head.expect("a head").tls, None);
}
