import FileIO
import NIOCore

/// Bytes in memory that are read as a file is.
struct MemoryFile: StoredFile {
  let path: String
  let bytes: ByteBuffer

  var byteCount: Int64 { Int64(bytes.readableBytes) }
  var stamp: FileStamp { FileStamp(device: 0, inode: 0, byteCount: byteCount, modified: 0) }

  func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError) {
    buffer.clear()
    guard offset >= 0, offset <= byteCount,
      let slice = bytes.getSlice(at: bytes.readerIndex + Int(offset), length: count)
    else {
      throw FileIOError(.truncated, "\(path) ends before byte \(offset) and \(count) more")
    }
    buffer = slice
  }
}
