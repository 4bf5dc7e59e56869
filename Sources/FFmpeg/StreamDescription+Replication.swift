import CFFmpeg
import Codecs
import NIOCore

extension StreamDescription {
  /// An AudioSpecificConfig that says of spectral band replication and parametric stereo what
  /// decoding the first frames has shown: many streams do not (ISO/IEC 14496-3 §1.6.5.3).
  func completed(_ bytes: ByteBuffer) throws -> ByteBuffer {
    let stated = try AudioSpecificConfig(parsing: bytes)
    guard stated.objectType == 2, !stated.hasSBR, !stated.deniesSBR,
      profile == FF_PROFILE_AAC_HE || profile == FF_PROFILE_AAC_HE_V2
        || sampleRate == 2 * stated.samplingFrequency
    else { return bytes }
    return try AudioSpecificConfig(
      replicating: stated, hasPS: profile == FF_PROFILE_AAC_HE_V2
    ).bytes
  }
}
