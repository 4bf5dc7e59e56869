import FFmpeg
import Ladder

extension Ladder {
  /// Its codings of sound as they are encoded.
  var soundForms: [SoundForm] {
    sounds.map { sound in
      let codec: AudioCodecChoice =
        switch sound.codec {
        case .aac: .aac
        case .eac3: .eac3
        }
      return SoundForm(
        codec, channelCount: sound.channelCount, bitsPerSecond: sound.bitsPerSecond)
    }
  }
}
