//! A WAVE file that can be played at every moment while it grows: 16 bits, one channel.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Bytes before the samples.
pub(crate) const HEAD: u64 = 44;

/// Writes samples as they come, and keeps the lengths in the head no further behind than half a second.
pub(crate) struct WavFile<W: Write + Seek> {
    out: W,
    rate: u32,
    /// Bytes of samples, and those of them that the head tells.
    written: u64,
    sealed: u64,
    bytes: Vec<u8>,
}

impl<W: Write + Seek> WavFile<W> {
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut out: W, rate: u32) -> io::Result<Self> {
        out.write_all(&head(rate, 0))?;
        Ok(Self { out, rate, written: 0, sealed: 0, bytes: Vec::new() })
    }

    /// # Errors
    /// When it cannot be written, for example because the disk is full. What was written before stays playable.
    pub fn append(&mut self, samples: &[i16]) -> io::Result<()> {
        self.bytes.clear();
        self.bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        if self.written + self.bytes.len() as u64 > u64::from(u32::MAX) - HEAD {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a WAVE file has room for 4 GB"));
        }
        let mut rest = &self.bytes[..];
        while !rest.is_empty() {
            match self.out.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written += count as u64;
                    rest = &rest[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // Half a second of 16 bits.
        if self.written - self.sealed >= u64::from(self.rate) {
            self.seal()?;
        }
        Ok(())
    }

    /// Tells all that was written in the head.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn seal(&mut self) -> io::Result<()> {
        let data = self.written - self.written % 2;
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&head(self.rate, data as u32))?;
        self.out.seek(SeekFrom::Start(HEAD + self.written))?;
        self.sealed = self.written;
        self.out.flush()
    }

    /// Whole samples in the file.
    pub fn frames(&self) -> u64 {
        self.written / 2
    }

    /// Of the file.
    pub fn bytes(&self) -> u64 {
        HEAD + self.written
    }
}

/// Puts the true lengths into the head of a recording that nobody ended. Its time stays that of its last sample.
///
/// # Errors
/// When it cannot be read or written.
pub fn mend(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let about = file.metadata()?;
    let length = about.len();
    let mut told = [0; HEAD as usize];
    if length < HEAD || file.read_exact(&mut told).is_err() {
        return Ok(());
    }
    let rate = u32::from_le_bytes([told[24], told[25], told[26], told[27]]);
    let data = length - HEAD;
    let whole = head(rate, u32::try_from(data - data % 2).unwrap_or(u32::MAX - 1));
    // Only what this file would have written itself.
    if told[8..40] == whole[8..40] && told != whole {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&whole)?;
        file.set_modified(about.modified()?)?;
    }
    Ok(())
}

fn head(rate: u32, data: u32) -> [u8; HEAD as usize] {
    let mut head = *b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\x02\0\x10\0data\0\0\0\0";
    let mut put = |at: usize, value: u32| head[at..at + 4].copy_from_slice(&value.to_le_bytes());
    put(4, data.saturating_add(HEAD as u32 - 8));
    put(24, rate);
    put(28, rate * 2);
    put(40, data);
    head
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::sound;

    /// A disk with so many bytes.
    struct Disk {
        inside: Cursor<Vec<u8>>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let free = self.room.saturating_sub(self.inside.position() as usize);
            if free == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.inside.write(&bytes[..bytes.len().min(free)])
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.inside.seek(to)
        }
    }

    fn samples(count: usize) -> Vec<i16> {
        (0..count).map(|at| (at % 30_000) as i16).collect()
    }

    #[test]
    fn the_file_plays_at_every_moment_and_lacks_half_a_second_at_most() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("Grüße 'ä'.wav");
        let mut file = WavFile::begin(std::fs::File::create(&path).unwrap(), 16_000).unwrap();
        for second in 1..=40_u32 {
            file.append(&samples(1_600)).unwrap();
            let sound = sound::decode(&std::fs::read(&path).unwrap(), None);
            let there = sound.map_or(0, |sound| sound.frames());
            assert!(second * 1_600 - there as u32 <= 8_000, "{there} of {}", second * 1_600);
        }
        // As if it had been killed now.
        drop(file);
        mend(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(u32::from_le_bytes(bytes[40..44].try_into().unwrap()), 128_000);
        assert_eq!(sound::decode(&bytes, None).unwrap().frames(), 64_000);
        mend(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }

    #[test]
    fn a_file_that_is_not_ours_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.wav");
        for other in [&b"RIFF"[..], &[b'x'; 90], b""] {
            std::fs::write(&path, other).unwrap();
            mend(&path).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), other);
        }
        assert!(mend(&folder.path().join("none")).is_err());
    }

    #[test]
    fn a_full_disk_is_an_error_and_what_was_written_stays() {
        for room in [44, 45, 1_000, 33_333] {
            let disk = Disk { inside: Cursor::new(Vec::new()), room };
            let mut file = WavFile::begin(disk, 16_000).unwrap();
            let mut full = None;
            for _ in 0..100 {
                if let Err(error) = file.append(&samples(800)) {
                    full = Some(error.kind());
                    break;
                }
            }
            assert_eq!(full, Some(io::ErrorKind::StorageFull));
            file.seal().unwrap();
            assert_eq!(file.frames() as usize, (room - 44) / 2);
            let bytes = file.out.inside.into_inner();
            let data = u32::from_le_bytes(bytes[40..44].try_into().unwrap()) as usize;
            assert_eq!(data, (room - 44) / 2 * 2);
            if data > 0 {
                assert_eq!(sound::decode(&bytes, None).unwrap().frames(), data / 2);
            }
        }
    }
}
