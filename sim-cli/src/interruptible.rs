//! Standard input that lets itself be interrupted.
//!
//! A read of a pipe that nobody writes to never ends, and the system starts it again after Ctrl-C.
//! So a thread of its own reads, and whoever wants the bytes looks now and then whether somebody
//! asked to stop. The thread ends with the input, or with the program.

use crate::interrupt;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Bytes read at once.
const CHUNK: usize = 1 << 18;
/// Chunks that wait to be taken, at most.
const WAITING: usize = 2;
/// Between two looks.
const GLANCE: Duration = Duration::from_millis(50);

/// What comes from standard input.
#[derive(Debug)]
pub(crate) struct InterruptibleInput {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    /// Bytes of it that were given.
    given: usize,
}

impl InterruptibleInput {
    /// Begins to read.
    pub(crate) fn open() -> Self {
        let (sender, chunks) = sync_channel(WAITING);
        std::thread::spawn(move || forward(&sender));
        Self {
            chunks,
            chunk: Vec::new(),
            given: 0,
        }
    }
}

fn forward(chunks: &SyncSender<io::Result<Vec<u8>>>) {
    let mut input = io::stdin().lock();
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = match input.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                chunk.truncate(count);
                Ok(chunk)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = read.is_err();
        if chunks.send(read).is_err() || failed {
            return;
        }
    }
}

impl Read for InterruptibleInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.chunk.len() {
            match self.chunks.recv_timeout(GLANCE) {
                Ok(chunk) => (self.chunk, self.given) = (chunk?, 0),
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) if interrupt::asked() => {
                    return Err(io::Error::other("interrupted"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        let count = buffer.len().min(self.chunk.len() - self.given);
        buffer[..count].copy_from_slice(&self.chunk[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
