import FFmpeg
import FileIO
import Foundation
import MP4
import MediaCore
import Packaging

/// Opens sources: an MP4 file by its own tables where they are plain enough, else by FFmpeg.
struct SourceOpener: Sendable {
  /// Where standard input is kept until it has been read.
  let spoolFolder: String
  /// Leave every file to FFmpeg.
  let usesFFmpegOnly: Bool
  /// Pictures will be encoded anew: their samples are not looked at.
  var skipsPictures = false
  let isCancelled: @Sendable () -> Bool

  func open(_ argument: String) throws -> any MediaSource {
    let place = try place(argument)
    return try open(path: place.path, name: place.name, keeping: place.keeping)
  }

  /// A source, and where its bytes are.
  struct Opened {
    var source: any MediaSource
    var path: String
  }

  func opened(_ argument: String) throws -> Opened {
    let place = try place(argument)
    return Opened(
      source: try open(path: place.path, name: place.name, keeping: place.keeping),
      path: place.path)
  }

  /// Encodes what sound of a source no player takes.
  func complete(_ opened: inout Opened, codec: AudioCodecChoice, keepsMP3: Bool) throws {
    let (source, path) = (opened.source, opened.path)
    opened.source = try naming(source.name) {
      try TranscodedSource.completing(
        source, path: path, codec: codec, folder: spoolFolder, keepsMP3: keepsMP3,
        isCancelled: isCancelled)
    }
  }

  /// Encodes the sound of a source into what a ladder has.
  func encode(_ opened: inout Opened, into sounds: [SoundForm]) throws {
    let (source, path) = (opened.source, opened.path)
    opened.source = try naming(source.name) {
      try TranscodedSource.inForms(
        sounds, source, path: path, folder: spoolFolder, isCancelled: isCancelled)
    }
  }

  /// Encodes to AAC as well what sound other sound of the title is in AAC beside.
  func addTwins(_ opened: [Opened]) throws -> [any MediaSource] {
    try zip(opened, SoundTwins.wanted(in: opened.map(\.source))).map { one, numbers in
      guard !numbers.isEmpty else { return one.source }
      return try naming(one.source.name) {
        try TranscodedSource.adding(
          twinsOf: numbers, to: one.source, path: one.path, folder: spoolFolder,
          isCancelled: isCancelled)
      }
    }
  }

  private func place(_ argument: String) throws -> (
    path: String, name: String, keeping: SpooledInput?
  ) {
    guard argument == "-" else { return (argument, argument, nil) }
    let spooled = try SpooledInput(folder: spoolFolder, isCancelled: isCancelled)
    guard spooled.byteCount > 0 else {
      throw CommandFailure(.data, "standard input is empty; pipe a media file into it")
    }
    return (spooled.path, "standard input", spooled)
  }

  /// Errors that only know bytes get the file's name.
  private func naming<T>(_ name: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error where !(error is CancellationError) {
      let failure = CommandFailure(error)
      if failure.message.contains(name) { throw failure }
      throw CommandFailure(failure.code, "\(name): \(failure.message)")
    }
  }

  private func open(path: String, name: String, keeping: SpooledInput?) throws -> any MediaSource {
    let file = try ReadableFile(path: path)
    guard file.byteCount > 0 else {
      throw CommandFailure(.data, "\(name) is empty; a media file is expected")
    }
    return try naming(name) {
      if !usesFFmpegOnly {
        do {
          return try MP4Source(file, name: name, isCancelled: isCancelled)
        } catch let error as MP4Error where error.code == .notDirect {
          // What its tables do not say plainly is a general demuxer's work.
        }
      }
      return try FFmpegSource(
        path: path, name: name, keeping: keeping, skipsPictures: skipsPictures,
        isCancelled: isCancelled)
    }
  }
}
