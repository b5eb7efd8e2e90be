//! A picture that claims far more pixels than it has bytes. In a process of its own, whose peak of memory is looked at.

use juxta_media::sheet::{Sheet, drawn};
use juxta_media::thumbnails::Thumbnails;
use juxta_media::{MediaError, difference, file, picture};
use juxta_wire::media::{FileKind, PictureFormat};

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    let body = [kind, data].concat();
    chunk.extend_from_slice(&body);
    chunk.extend_from_slice(&crc32fast::hash(&body).to_be_bytes());
    chunk
}

/// A PNG of so many pixels a side, eight bits for each of four channels. Its data are a true beginning of such pixels.
fn claiming(edge: u32) -> Vec<u8> {
    let mut head = [edge.to_be_bytes(), edge.to_be_bytes()].concat();
    head.extend_from_slice(&[8, 6, 0, 0, 0]);
    // A zlib stream with one stored block of 1,000 zeros.
    let mut data = vec![0x78, 0x01, 0x01, 0xe8, 0x03, 0x17, 0xfc];
    data.extend_from_slice(&[0; 1_000]);
    data.extend_from_slice(&[0x03, 0xe8, 0x00, 0x01]);
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &data), chunk(b"IEND", b"")].concat()
}

#[test]
fn a_picture_of_40_000_by_40_000_pixels_is_refused_within_200_mb() {
    for edge in [40_000, 30_000, u32::MAX / 2] {
        let bomb = claiming(edge);
        let refused = |error: MediaError| {
            let message = error.to_string();
            assert!(message.contains("pixels") || message.contains("cannot be read"), "{edge}: {message}");
        };
        refused(picture::facts(&bomb).unwrap_err());
        refused(picture::converted(&bomb, PictureFormat::Webp, 80).unwrap_err());
        refused(Thumbnails::default().of(&bomb, 256).unwrap_err());
        refused(difference::difference(&bomb, &bomb, 0).map(|_| ()).unwrap_err());
        assert!(matches!(file::facts(&bomb).kind, FileKind::Broken { .. }));
        let label = [String::from("a")];
        let sheet = Sheet { columns: &label, rows: &label, pictures: &[Some(&bomb)], edge: 128 };
        assert!(drawn(&sheet).is_ok(), "its place stays empty");
    }
    assert!(matches!(picture::facts(&claiming(40_000)), Err(MediaError::PictureTooLarge)));
    // Only Linux tells the peak in a file.
    if cfg!(target_os = "linux") {
        let status = std::fs::read_to_string("/proc/self/status").expect("the state of this process");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
        let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kilobytes < 200 * 1_024, "the peak was {kilobytes} kB");
    }
}
