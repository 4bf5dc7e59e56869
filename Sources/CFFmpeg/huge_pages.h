// Pictures of decoders in huge pages, each of which the system clears and maps in one go: in pages of 4 KiB that takes a
// fortieth of the work on a ladder of 2160 lines. FFmpeg's own allocation does not ask for them.
#include <libavcodec/avcodec.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
  dougong_huge_page = 2 << 20,
  // Bytes of a picture, at most, as of any allocation of FFmpeg's (`av_max_alloc`): what is larger is left to FFmpeg,
  // which refuses.
  dougong_picture_limit = 256 << 20,
};

// One for each decoder, whose `opaque` it is.
typedef struct {
  pthread_mutex_t lock;
  AVBufferPool *pool;
  size_t byte_count;
} DougongPictures;

static inline void dougong_unmap(void *length, uint8_t *data) { munmap(data, (size_t)length); }

static inline AVBufferRef *dougong_map(void *unused, size_t byte_count) {
  (void)unused;
  size_t length = (byte_count + dougong_huge_page - 1) / dougong_huge_page * dougong_huge_page;
  uint8_t *all = (uint8_t *)mmap(NULL, length + dougong_huge_page, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return NULL;
  // What lies before the first border of a huge page, and behind the last.
  size_t before = (dougong_huge_page - (uintptr_t)all % dougong_huge_page) % dougong_huge_page;
  if (before > 0) munmap(all, before);
  munmap(all + before + length, dougong_huge_page - before);
  madvise(all + before, length, MADV_HUGEPAGE);
  AVBufferRef *buffer = av_buffer_create(all + before, byte_count, dougong_unmap, (void *)length, 0);
  if (!buffer) munmap(all + before, length);
  return buffer;
}

// A buffer of `byte_count` bytes; those of another count are let go once nobody has them.
static inline AVBufferRef *dougong_buffer(DougongPictures *pictures, size_t byte_count) {
  pthread_mutex_lock(&pictures->lock);
  if (pictures->byte_count != byte_count) {
    av_buffer_pool_uninit(&pictures->pool);
    pictures->pool = av_buffer_pool_init2(byte_count, NULL, dougong_map, NULL);
    pictures->byte_count = pictures->pool ? byte_count : 0;
  }
  AVBufferRef *buffer = pictures->pool ? av_buffer_pool_get(pictures->pool) : NULL;
  pthread_mutex_unlock(&pictures->lock);
  return buffer;
}

// Bytes for a plane: decoders read and write a little past its end.
static inline size_t dougong_plane(size_t byte_count) { return (byte_count + 255) / 128 * 128; }

// AVCodecContext.get_buffer2. Small pictures, and those that are not planes of samples, are FFmpeg's.
static inline int dougong_get_picture(AVCodecContext *context, AVFrame *frame, int flags) {
  const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
  int direct = context->codec && context->codec->capabilities & AV_CODEC_CAP_DR1;
  int width = frame->width, height = frame->height, steps[AV_NUM_DATA_POINTERS] = {0}, lines[4] = {0}, uneven = 0;
  if (!direct || !format || format->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BITSTREAM))
    return avcodec_default_get_buffer2(context, frame, flags);
  // Wider until the lines of all planes are whole steps.
  avcodec_align_dimensions2(context, &width, &height, steps);
  do {
    if (av_image_fill_linesizes(lines, (enum AVPixelFormat)frame->format, width) < 0) return AVERROR(EINVAL);
    uneven = 0;
    for (int plane = 0; plane < 4; plane++)
      if (steps[plane] > 0) uneven |= lines[plane] % steps[plane];
    width += width & ~(width - 1);
  } while (uneven);
  ptrdiff_t widths[4];
  size_t counts[4] = {0}, total = 0;
  for (int plane = 0; plane < 4; plane++) widths[plane] = lines[plane];
  if (av_image_fill_plane_sizes(counts, (enum AVPixelFormat)frame->format, height, widths) < 0) return AVERROR(EINVAL);
  for (int plane = 0; plane < 4; plane++)
    if (counts[plane] > 0) total += dougong_plane(counts[plane]);
  if (total < 2 * dougong_huge_page || total > dougong_picture_limit)
    return avcodec_default_get_buffer2(context, frame, flags);
  AVBufferRef *buffer = dougong_buffer((DougongPictures *)context->opaque, total);
  if (!buffer) return AVERROR(ENOMEM);
  frame->buf[0] = buffer;
  uint8_t *place = buffer->data;
  for (int plane = 0; plane < 4; plane++) {
    frame->linesize[plane] = lines[plane];
    frame->data[plane] = counts[plane] > 0 ? place : NULL;
    if (counts[plane] > 0) place += dougong_plane(counts[plane]);
  }
  frame->extended_data = frame->data;
  return 0;
}

// To be called before the decoder is opened. 0, or AVERROR.
static inline int dougong_use_huge_pages(AVCodecContext *context) {
  DougongPictures *pictures = (DougongPictures *)calloc(1, sizeof(DougongPictures));
  if (!pictures) return AVERROR(ENOMEM);
  pthread_mutex_init(&pictures->lock, NULL);
  context->opaque = pictures;
  context->get_buffer2 = dougong_get_picture;
#if FF_API_THREAD_SAFE_CALLBACKS
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  context->thread_safe_callbacks = 1;
#pragma clang diagnostic pop
#endif
  return 0;
}

// Frees a decoder and what `dougong_use_huge_pages` gave it; pictures that somebody has stay.
static inline void dougong_free_decoder(AVCodecContext **context) {
  DougongPictures *pictures = *context ? (DougongPictures *)(*context)->opaque : NULL;
  avcodec_free_context(context);
  if (!pictures) return;
  av_buffer_pool_uninit(&pictures->pool);
  pthread_mutex_destroy(&pictures->lock);
  free(pictures);
}
