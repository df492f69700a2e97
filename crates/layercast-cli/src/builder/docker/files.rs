//! Handing over the build context: BuildKit is told of every file, and asks for the bytes of those it has not got yet.
//! <https://github.com/tonistiigi/fsutil/blob/master/send.go>
//!
//! **Invariant:** nothing outside the folder of the context and the Dockerfile's own files is read, and no more bytes
//! are held than the builder has taken.

use super::listing::{Listing, Wanted};
use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::fsutil::types::{Packet, Stat};
use bollard_buildkit_proto::moby::filesync::v1::file_sync_server::FileSync;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::mpsc as queue;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status, Streaming};

/// The bytes of a packet.
const PIECE: usize = 32 << 10;
/// So many packets wait for the connection.
const PACKETS_WAITING: usize = 32;

/// The folders of a build.
#[derive(Debug, Clone)]
pub(super) struct Folders {
    pub(super) context: PathBuf,
    pub(super) dockerfile: PathBuf,
    /// The Dockerfile's name there.
    pub(super) name: String,
    /// Those of named contexts, by name.
    pub(super) named: BTreeMap<String, PathBuf>,
}

type Sender = mpsc::Sender<Result<Packet, Status>>;
/// What each number stands for, as it was told; none for what has no bytes.
type Told = Arc<Mutex<Vec<Option<PathBuf>>>>;

#[tonic::async_trait]
impl FileSync for Folders {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;
    type TarStreamStream = ReceiverStream<Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let listing = self.listing(request.metadata())?;
        let (sender, receiver) = mpsc::channel(PACKETS_WAITING);
        let told = Told::default();
        let (asks, asked) = queue::channel();
        // Threads of their own: a folder far away must not hold up the build's other news.
        std::thread::spawn({
            let (sender, told) = (sender.clone(), Arc::clone(&told));
            move || tell(&listing, &sender, &told)
        });
        std::thread::spawn({
            let sender = sender.clone();
            move || hand_over(&asked, &sender, &told)
        });
        tokio::spawn(hear(request.into_inner(), asks, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    async fn tar_stream(
        &self,
        _request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::TarStreamStream>, Status> {
        Err(Status::unimplemented("files are handed over one by one"))
    }
}

impl Folders {
    /// What is wanted, as the builder says it beside its call.
    fn listing(&self, metadata: &MetadataMap) -> Result<Listing, Status> {
        let names = ["include-patterns", "followpaths"];
        let paths: Vec<String> = names.iter().flat_map(|name| values(metadata, name)).collect();
        let patterns = values(metadata, "exclude-patterns");
        let name = values(metadata, "dir-name").into_iter().next().unwrap_or_default();
        let context = if name == "context" { Some(&self.context) } else { self.named.get(&name) };
        match (context, name.as_str()) {
            (Some(root), _) => {
                Ok(Listing { root: root.clone(), wanted: Wanted::these(root, &paths), patterns })
            }
            (None, "dockerfile") => {
                let beside = format!("{}.dockerignore", self.name);
                let wanted = Wanted::Paths(vec![self.name.clone(), beside, ".dockerignore".to_owned()]);
                Ok(Listing { root: self.dockerfile.clone(), wanted, patterns: Vec::new() })
            }
            _ => Err(Status::not_found(format!("there is no folder {name}"))),
        }
    }
}

/// Values of a key. What is no plain text is written as in an address, and said to be.
fn values(metadata: &MetadataMap, key: &str) -> Vec<String> {
    let is_encoded = metadata.contains_key(format!("{key}-encoded"));
    let all = metadata.get_all(key).iter().filter_map(|value| value.to_str().ok());
    all.map(|value| if is_encoded { unescaped(value) } else { value.to_owned() }).collect()
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let hex = rest.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[2..];
            }
            None if *first == b'+' => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Tells of all files, in order; ends where nobody listens any more.
fn tell(listing: &Listing, sender: &Sender, told: &Told) {
    let went = listing.each(|entry| {
        let path = entry.has_bytes.then_some(entry.path);
        told.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        match sender.blocking_send(Ok(about(Some(entry.stat)))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    let _ = match went {
        Ok(()) => sender.blocking_send(Ok(about(None))),
        Err(message) => sender.blocking_send(Err(Status::failed_precondition(message))),
    };
}

fn about(stat: Option<Stat>) -> Packet {
    Packet { r#type: PacketType::PacketStat.into(), stat, ..Packet::default() }
}

/// Hears what the builder asks for, until it has all.
async fn hear(mut calls: Streaming<Packet>, asks: queue::Sender<u32>, sender: Sender) {
    while let Ok(Some(packet)) = calls.message().await {
        match PacketType::try_from(packet.r#type) {
            Ok(PacketType::PacketReq) => {
                if asks.send(packet.id).is_err() {
                    return;
                }
            }
            Ok(PacketType::PacketFin) => {
                let end = Packet { r#type: PacketType::PacketFin.into(), ..Packet::default() };
                let _ = sender.send(Ok(end)).await;
                return;
            }
            _ => return,
        }
    }
}

/// Reads one file after another.
fn hand_over(asked: &queue::Receiver<u32>, sender: &Sender, told: &Told) {
    let mut buffer = vec![0; PIECE];
    while let Ok(id) = asked.recv() {
        let path = {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            usize::try_from(id).ok().and_then(|at| told.get_mut(at)).and_then(Option::take)
        };
        let path = path.unwrap_or_default();
        let is_over = match pieces(&path, &mut buffer, |data| send_piece(sender, id, data)) {
            Ok(went) => went.is_break(),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                let _ = sender.blocking_send(Err(Status::failed_precondition(message)));
                true
            }
        };
        if is_over {
            return;
        }
    }
}

/// The bytes of a file, and an empty piece behind them. A file that is gone by now is empty, as BuildKit's own senders
/// have it.
fn pieces(
    path: &Path,
    buffer: &mut [u8],
    mut take: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<ControlFlow<()>> {
    let mut file = match File::open(path) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    loop {
        let n_read = file.as_mut().map_or(Ok(0), |file| file.read(buffer))?;
        let went = take(&buffer[..n_read]);
        if n_read == 0 || went.is_break() {
            return Ok(went);
        }
    }
}

fn send_piece(sender: &Sender, id: u32, data: &[u8]) -> ControlFlow<()> {
    let data = data.to_vec();
    let packet = Packet { r#type: PacketType::PacketData.into(), id, data, ..Packet::default() };
    match sender.blocking_send(Ok(packet)) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_by_pieces_and_one_that_is_gone_is_empty() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("file");
        std::fs::write(&path, "0123456789").expect("it can be written to");
        let lengths = |path: &Path| {
            let mut lengths = Vec::new();
            let went = pieces(path, &mut [0; 4], |data| {
                lengths.push(data.len());
                ControlFlow::Continue(())
            });
            went.map(|_| lengths).map_err(|error| error.kind())
        };
        assert_eq!(lengths(&path), Ok(vec![4, 4, 2, 0]));
        assert_eq!(lengths(&folder.path().join("gone")), Ok(vec![0]));
        assert_eq!(lengths(folder.path()), Err(io::ErrorKind::IsADirectory));
    }

    #[test]
    fn values_that_are_no_plain_text_are_written_as_in_an_address() {
        let mut metadata = MetadataMap::new();
        metadata.append("followpaths", "a%C3%A9+b".parse().expect("it is ASCII"));
        assert_eq!(values(&metadata, "followpaths"), ["a%C3%A9+b"]);
        metadata.insert("followpaths-encoded", "1".parse().expect("it is ASCII"));
        assert_eq!(values(&metadata, "followpaths"), ["aé b"]);
        assert_eq!(values(&metadata, "exclude-patterns"), [""; 0]);
    }
}
