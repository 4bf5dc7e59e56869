// FFmpegTests
