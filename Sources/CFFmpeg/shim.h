// What Swift cannot import by itself: macros that are casts or compound
// literals, and a variadic function.
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/dict.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/spherical.h>
#include <libavutil/stereo3d.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

static const int64_t dougong_av_nopts = AV_NOPTS_VALUE;
static const int dougong_averror_eof = AVERROR_EOF;
static const int dougong_averror_eagain = AVERROR(EAGAIN);
static const int dougong_averror_exit = AVERROR_EXIT;
static const int dougong_averror_invalid_data = AVERROR_INVALIDDATA;

// Swift has no conversion of `uint8_t **` to `const uint8_t **` and `void **`.
#include <libavutil/audio_fifo.h>
static inline const uint8_t **dougong_frame_data(AVFrame *frame) {
  return (const uint8_t **)frame->extended_data;
}
static inline void **dougong_frame_planes(AVFrame *frame) {
  return (void **)frame->extended_data;
}

// SVT-AV1 writes to standard error what it is about to do, whatever libavcodec's log level, unless a variable of its
// environment says otherwise when it is first used. Swift code of this room has no C library but FFmpeg's.
#include <stdlib.h>
static inline void dougong_silence_svt_av1(void) { setenv("SVT_LOG", "-1", 0); }

// Has blocks of so many bytes and more given back to the system once they are free. Left to itself glibc raises this
// bound to the largest block that ever was free, and what encoders had for their pictures stays (mallopt(3)).
#include <malloc.h>
static inline void dougong_give_back_blocks(int byte_count) { mallopt(M_MMAP_THRESHOLD, byte_count); }

#include "huge_pages.h"
