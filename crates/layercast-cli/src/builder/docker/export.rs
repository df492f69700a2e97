//! What comes of a build into files of this machine, where `--output` asks for them: BuildKit calls us and sends them.
//! <https://pkg.go.dev/github.com/moby/buildkit/session/filesync#NewFSSyncTargetDir>

use super::disk_writer::DiskWriter;
use crate::builder::BuildError;
use crate::builder::output::Output;
use bollard_buildkit_proto::fsutil::types::Packet;
use bollard_buildkit_proto::fsutil::types::packet::PacketType;
use bollard_buildkit_proto::moby::filesync::packet::file_send_server as files;
use bollard_buildkit_proto::moby::filesync::v1::{BytesMessage, file_send_server as bytes};
use std::path::{Path, PathBuf};
use tempfile::TempPath;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status, Streaming};

/// So many packets wait for the disk, and so many answers for the connection: more than files are asked for at once.
const PACKETS_WAITING: usize = 128;

/// Where the result of a build goes.
pub(super) enum Destination {
    /// Into the daemon, as an image.
    Daemon,
    /// Into a folder, file by file.
    Folder(PathBuf),
    /// Into one file.
    Archive(PathBuf),
}

impl Destination {
    pub(super) fn of(output: &Output) -> Self {
        match (&output.destination, output.kind.as_str()) {
            (None, _) => Self::Daemon,
            (Some(folder), "local") => Self::Folder(folder.into()),
            (Some(file), _) => Self::Archive(file.into()),
        }
    }

    /// Refuses what cannot be written to, before the build.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        let is_in_the_way =
            |path: &Path| path.ancestors().find(|it| it.exists()).is_some_and(|it| !it.is_dir());
        let is_missing = |folder: &Path| folder != "" && !folder.is_dir();
        let (path, reason) = match self {
            Self::Folder(path) if is_in_the_way(path) => (path, "a file is in its way"),
            Self::Archive(path) if path.is_dir() => (path, "it is a folder"),
            Self::Archive(path) if path.parent().is_some_and(is_missing) => {
                (path, "there is no folder for it")
            }
            _ => return Ok(()),
        };
        Err(BuildError::Destination { path: path.clone(), reason })
    }

    /// Takes what BuildKit sends.
    pub(super) fn serve(&self, routes: &mut RoutesBuilder) {
        match self {
            Self::Daemon => {}
            Self::Folder(path) => {
                routes.add_service(files::FileSendServer::new(Folder(path.clone())));
            }
            Self::Archive(path) => {
                routes.add_service(bytes::FileSendServer::new(Archive(path.clone())));
            }
        }
    }
}

struct Folder(PathBuf);

#[tonic::async_trait]
impl files::FileSend for Folder {
    type DiffCopyStream = ReceiverStream<Result<Packet, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<Packet>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let writer = DiskWriter::into(self.0.clone()).map_err(Status::failed_precondition)?;
        let (sender, receiver) = mpsc::channel(PACKETS_WAITING);
        let (packets, coming) = mpsc::channel(PACKETS_WAITING);
        // A thread of its own: a slow disk must not hold up the build's other news.
        std::thread::spawn(move || write(writer, coming, &sender));
        tokio::spawn(hear(request.into_inner(), packets));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Hands over what comes, until it ends or nobody wants more.
async fn hear(mut calls: Streaming<Packet>, packets: mpsc::Sender<Packet>) {
    while let Ok(Some(packet)) = calls.message().await {
        if packets.send(packet).await.is_err() {
            return;
        }
    }
}

fn write(
    mut writer: DiskWriter,
    mut coming: mpsc::Receiver<Packet>,
    sender: &mpsc::Sender<Result<Packet, Status>>,
) {
    while let Some(packet) = coming.blocking_recv() {
        if packet.r#type() == PacketType::PacketFin {
            return;
        }
        let answers = match writer.take(packet) {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            Err(message) => vec![Err(Status::failed_precondition(message))],
        };
        for answer in answers {
            let is_over = answer.is_err();
            if sender.blocking_send(answer).is_err() || is_over {
                return;
            }
        }
    }
}

struct Archive(PathBuf);

#[tonic::async_trait]
impl bytes::FileSend for Archive {
    type DiffCopyStream = tokio_stream::Empty<Result<BytesMessage, Status>>;

    async fn diff_copy(
        &self,
        request: Request<Streaming<BytesMessage>>,
    ) -> Result<Response<Self::DiffCopyStream>, Status> {
        let Self(path) = self;
        let failed =
            |error| Status::failed_precondition(format!("{} cannot be written: {error}", path.display()));
        let mut file = File::create(path).await.map_err(failed)?;
        // A part of an archive is of no use to anybody; a pipe or a terminal is not ours to take away.
        let is_file = file.metadata().await.is_ok_and(|it| it.is_file());
        let unfinished = is_file.then(|| TempPath::try_from_path(path)).transpose().map_err(failed)?;
        let mut pieces = request.into_inner();
        while let Some(piece) = pieces.message().await? {
            file.write_all(&piece.data).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        if let Some(finished) = unfinished {
            finished.keep().map_err(|error| failed(error.error))?;
        }
        Ok(Response::new(tokio_stream::empty()))
    }
}
