/* frames.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-frames-private.h"

#include "server/weft-wire-private.h"
#include "trace/weft-crc32c-private.h"
#include "trace/weft-run-file.h"
#include "trace/weft-run-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK_EVERY 64u
#define MOST_MOMENTS 512u

/* The frame of that number is there. */
typedef struct
{
  uint64_t number;
  uint64_t offset;
} Mark;

/* So many were there then. */
typedef struct
{
  uint64_t n_frames;
  int64_t at_ns;
} Moment;

struct _WeftFrames
{
  _Atomic uint32_t refs;
  char *path;
  int fd;
  uint64_t run_tag;        /* immutable once the file is open */
  pthread_mutex_t looking; /* held while the file is looked at, which may take a while */
  pthread_mutex_t lock;    /* held for a moment; taken after the other */
  uint64_t n_frames, end;  /* both to write: whole ones, and where they end */
  bool ended;              /* both to write */
  GArray *marks;           /* both to write: Mark, in order */
  GArray *moments;         /* lock: Moment, in order */
};

/* What a message of a frame begins with. */
typedef struct
{
  uint64_t number;
  uint64_t watermark;
} FramePrefix;

/* ---- the file -------------------------------------------------------------------------------- */

static bool
fail (const WeftFrames *frames, int code, GError **error, const char *what, uint64_t offset)
{
  g_set_error (error, WEFT_RUN_READER_ERROR, code, "%s: %s at byte %" G_GUINT64_FORMAT,
               frames->path, what, offset);
  return false;
}

/* Returns: whether all of it is there */
static bool
read_at (const WeftFrames *frames, void *to, size_t n_bytes, uint64_t offset)
{
  uint8_t *at = to;

  while (n_bytes > 0)
    {
      ssize_t n = pread (frames->fd, at, n_bytes, (off_t) offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      at += n;
      offset += (uint64_t) n;
      n_bytes -= (size_t) n;
    }
  return true;
}

static uint64_t
file_bytes (const WeftFrames *frames)
{
  struct stat info;

  return fstat (frames->fd, &info) == 0 ? (uint64_t) info.st_size : 0;
}

static uint64_t
frame_bytes (const WeftFrameHead *head)
{
  return sizeof *head + head->n_bytes + -(uint64_t) head->n_bytes % WEFT_FRAME_ALIGN;
}

static bool
head_is_right (const WeftFrames *frames, const WeftFrameHead *head)
{
  return head->magic == WEFT_FRAME_MAGIC && head->run_tag == frames->run_tag
         && head->n_bytes <= WEFT_FRAME_MAX_BYTES
         && head->head_crc == _weft_crc32c (0, head, offsetof (WeftFrameHead, head_crc));
}

/* ---- a complete file ------------------------------------------------------------------------- */

static int
compare_marks (const void *a, const void *b)
{
  uint64_t one = ((const Mark *) a)->number, other = ((const Mark *) b)->number;

  return one < other ? -1 : one > other;
}

/* The head of an INDEX frame tells its number and how many before it it lists; its first entry
 * where the first of them is. */
static bool
add_index (const WeftFrames *frames, uint64_t offset, GArray *marks, uint64_t *previous,
           uint64_t *number)
{
  WeftFrameHead head;
  WeftIndexHead index;
  WeftIndexEntry first;
  Mark mark;

  if (!read_at (frames, &head, sizeof head, offset) || !head_is_right (frames, &head)
      || head.kind != WEFT_FRAME_INDEX
      || !read_at (frames, &index, sizeof index, offset + sizeof head)
      || index.n_entries > head.sequence || index.previous >= offset)
    return false;
  *previous = index.previous;
  *number = head.sequence;
  if (index.n_entries == 0)
    return true;
  if (!read_at (frames, &first, sizeof first, offset + sizeof head + sizeof index)
      || first.offset >= offset)
    return false;
  mark = (Mark){ head.sequence - index.n_entries, first.offset };
  g_array_append_val (marks, mark);
  return true;
}

/* Whether the file is complete, and its INDEX frames have told where its frames are. */
static bool
look_at_index (WeftFrames *frames, uint64_t n_bytes)
{
  WeftRunTrailer trailer;
  g_autoptr (GArray) marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  uint64_t at, number = 0, n_frames = 0;

  if (n_bytes < sizeof (WeftRunFileHead) + sizeof trailer
      || !read_at (frames, &trailer, sizeof trailer, n_bytes - sizeof trailer)
      || memcmp (trailer.magic, WEFT_RUN_TRAILER_MAGIC, sizeof trailer.magic) != 0)
    return false;
  for (at = trailer.index; at != 0; n_frames = MAX (n_frames, number + 2)) /* 2: it and END */
    if (!add_index (frames, at, marks, &at, &number))
      break;
  if (at != 0 || n_frames == 0 || marks->len == 0)
    return false;
  g_array_sort (marks, compare_marks);
  pthread_mutex_lock (&frames->lock);
  g_array_append_vals (frames->marks, marks->data, marks->len);
  frames->n_frames = n_frames;
  frames->end = n_bytes - sizeof trailer;
  frames->ended = true;
  pthread_mutex_unlock (&frames->lock);
  return true;
}

/* ---- a file that grows ----------------------------------------------------------------------- */

static bool
look_at_heads (WeftFrames *frames, uint64_t n_bytes, GError **error)
{
  while (!frames->ended)
    {
      Mark mark = { frames->n_frames, frames->end };
      WeftFrameHead head;

      if (n_bytes < frames->end + sizeof head || !read_at (frames, &head, sizeof head, frames->end))
        return true;
      if (!head_is_right (frames, &head) || head.sequence != frames->n_frames)
        return fail (frames, WEFT_RUN_READER_ERROR_DAMAGED, error,
                     "there is no frame head where one is expected,", frames->end);
      if (n_bytes - frames->end < frame_bytes (&head))
        return true;
      pthread_mutex_lock (&frames->lock);
      if (frames->n_frames % MARK_EVERY == 0)
        g_array_append_val (frames->marks, mark);
      frames->n_frames++;
      frames->end += frame_bytes (&head);
      frames->ended = head.kind == WEFT_FRAME_END;
      pthread_mutex_unlock (&frames->lock);
    }
  return true;
}

/* When what came came; of old ones every other is forgotten. */
static void
note_moment (WeftFrames *frames)
{
  Moment *moments = (Moment *) (void *) frames->moments->data;
  Moment now = { frames->n_frames, weft_clock_mono_ns () };
  guint n = frames->moments->len;

  if (n > 0 && moments[n - 1].n_frames == now.n_frames)
    return;
  if (n == MOST_MOMENTS)
    {
      for (guint i = 1; i < n / 2; i++)
        moments[i] = moments[2 * i];
      g_array_set_size (frames->moments, n / 2);
    }
  g_array_append_val (frames->moments, now);
}

bool
_weft_frames_look (WeftFrames *frames, uint64_t *n_frames, bool *ended, GError **error)
{
  uint64_t n_bytes;
  bool ok = true;

  pthread_mutex_lock (&frames->looking);
  n_bytes = file_bytes (frames);
  if (!frames->ended && (frames->n_frames > 0 || !look_at_index (frames, n_bytes)))
    ok = look_at_heads (frames, n_bytes, error);
  pthread_mutex_lock (&frames->lock);
  note_moment (frames);
  *n_frames = frames->n_frames;
  *ended = frames->ended;
  pthread_mutex_unlock (&frames->lock);
  pthread_mutex_unlock (&frames->looking);
  return ok;
}

int64_t
_weft_frames_age_ns (WeftFrames *frames, uint64_t number)
{
  int64_t age_ns = 0;

  pthread_mutex_lock (&frames->lock);
  for (guint i = 0; i < frames->moments->len; i++)
    {
      const Moment *moment = &g_array_index (frames->moments, Moment, i);

      if (moment->n_frames <= number)
        continue;
      age_ns = weft_clock_mono_ns () - moment->at_ns;
      break;
    }
  pthread_mutex_unlock (&frames->lock);
  return age_ns;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* The last mark that is not behind the frame. */
static Mark
mark_before (const WeftFrames *frames, uint64_t number)
{
  const Mark *marks = (const Mark *) (const void *) frames->marks->data;
  guint low = 0, high = frames->marks->len;

  while (low + 1 < high)
    {
      guint middle = low + (high - low) / 2;

      if (marks[middle].number <= number)
        low = middle;
      else
        high = middle;
    }
  return marks[low];
}

static bool
find (WeftFrames *frames, WeftFramesCursor *cursor, GError **error)
{
  Mark mark;

  pthread_mutex_lock (&frames->lock);
  mark = mark_before (frames, cursor->next);
  pthread_mutex_unlock (&frames->lock);
  for (; mark.number < cursor->next; mark.number++)
    {
      WeftFrameHead head;

      if (!read_at (frames, &head, sizeof head, mark.offset) || !head_is_right (frames, &head)
          || head.sequence != mark.number)
        return fail (frames, WEFT_RUN_READER_ERROR_DAMAGED, error,
                     "there is no frame head where one is expected,", mark.offset);
      mark.offset += frame_bytes (&head);
    }
  cursor->offset = mark.offset;
  return cursor->known = true;
}

/* Whether the last frame of a file that is written still may not be there in whole. */
static bool
may_grow (WeftFrames *frames, uint64_t number)
{
  bool last;

  pthread_mutex_lock (&frames->lock);
  last = !frames->ended && number + 1 == frames->n_frames;
  pthread_mutex_unlock (&frames->lock);
  return last;
}

/* The frame at the cursor, behind what is in @messages. */
static bool
append_frame (WeftFrames *frames, WeftFramesCursor *cursor, uint32_t channel, GByteArray *messages,
              const WeftFrameHead *head)
{
  WeftWireHead wire = { .n_bytes = (uint32_t) sizeof (FramePrefix) + head->n_bytes,
                        .kind = head->kind,
                        .flags = head->flags,
                        .channel = channel,
                        .lane = head->lane };
  FramePrefix prefix = { head->sequence, head->watermark };
  guint at = messages->len, n_padding = -wire.n_bytes % WEFT_WIRE_ALIGN;
  uint8_t *payload;

  g_byte_array_set_size (messages, at + (guint) sizeof wire + wire.n_bytes + n_padding);
  memcpy (messages->data + at, &wire, sizeof wire);
  memcpy (messages->data + at + sizeof wire, &prefix, sizeof prefix);
  payload = messages->data + at + sizeof wire + sizeof prefix;
  memset (payload + head->n_bytes, 0, n_padding);
  if (read_at (frames, payload, head->n_bytes, cursor->offset + sizeof *head)
      && _weft_crc32c (0, payload, head->n_bytes) == head->payload_crc)
    return true;
  g_byte_array_set_size (messages, at);
  return false;
}

static bool
read_next (WeftFrames *frames, WeftFramesCursor *cursor, uint32_t channel, size_t room,
           GByteArray *messages, bool *full, GError **error)
{
  WeftFrameHead head;

  if (!read_at (frames, &head, sizeof head, cursor->offset) || !head_is_right (frames, &head)
      || head.sequence != cursor->next)
    return fail (frames, WEFT_RUN_READER_ERROR_DAMAGED, error,
                 "there is no frame head where one is expected,", cursor->offset);
  *full = messages->len > 0 && frame_bytes (&head) + WEFT_WIRE_HEAD_BYTES > room;
  if (*full)
    return true;
  if (!append_frame (frames, cursor, channel, messages, &head))
    {
      *full = may_grow (frames, cursor->next);
      return *full
             || fail (frames, WEFT_RUN_READER_ERROR_DAMAGED, error,
                      "a frame's content does not fit its checksum,", cursor->offset);
    }
  cursor->offset += frame_bytes (&head);
  cursor->next++;
  return true;
}

bool
_weft_frames_read (WeftFrames *frames, WeftFramesCursor *cursor, uint32_t channel, size_t most,
                   GByteArray *messages, bool *at_end, GError **error)
{
  uint64_t n_frames;
  bool ended, full = false;

  if (!_weft_frames_look (frames, &n_frames, &ended, error))
    return false;
  *at_end = ended && cursor->next >= n_frames;
  if (cursor->next >= n_frames)
    return true;
  if (!cursor->known && !find (frames, cursor, error))
    return false;
  while (cursor->next < n_frames && messages->len < most && !full)
    if (!read_next (frames, cursor, channel, most - messages->len, messages, &full, error))
      return false;
  *at_end = ended && cursor->next >= n_frames;
  return true;
}

/* ---- life ------------------------------------------------------------------------------------ */

WeftFrames *
_weft_frames_open (const char *path, GError **error)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, error); /* it checks the head */
  WeftRunReaderInfo info;
  WeftFrames *frames;
  int fd;

  if (reader == NULL)
    return NULL;
  weft_run_reader_info (reader, &info);
  weft_run_reader_free (reader);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || info.head.n_head_bytes == 0)
    {
      g_set_error (error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_IO, "%s: cannot open: %s",
                   path, fd < 0 ? g_strerror (errno) : "it has no head yet");
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  frames = g_new0 (WeftFrames, 1);
  frames->refs = 1;
  frames->path = g_strdup (path);
  frames->fd = fd;
  memcpy (&frames->run_tag, info.head.run_id, sizeof frames->run_tag);
  frames->end = info.head.n_head_bytes;
  pthread_mutex_init (&frames->looking, NULL);
  pthread_mutex_init (&frames->lock, NULL);
  frames->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  frames->moments = g_array_new (FALSE, FALSE, sizeof (Moment));
  return frames;
}

WeftFrames *
_weft_frames_ref (WeftFrames *frames)
{
  atomic_fetch_add_explicit (&frames->refs, 1, memory_order_relaxed);
  return frames;
}

void
_weft_frames_unref (WeftFrames *frames)
{
  if (frames == NULL || atomic_fetch_sub_explicit (&frames->refs, 1, memory_order_acq_rel) > 1)
    return;
  close (frames->fd);
  pthread_mutex_destroy (&frames->looking);
  pthread_mutex_destroy (&frames->lock);
  g_array_unref (frames->marks);
  g_array_unref (frames->moments);
  g_free (frames->path);
  g_free (frames);
}
