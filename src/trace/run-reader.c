/* run-reader.c: reads run files, also while they are being written
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A window of the file lies in a buffer; fetch() slides it. pread() is used rather than a mapping,
 * so that a file that is cut off while it is read is an ordinary short read.
 *
 * What may be wrong with the frame at `offset`, and what it means:
 *
 *   head or payload reaches beyond the end    still being written, or cut off: AGAIN
 *   payload's CRC wrong, frame ends the file  likewise, as a writer's bytes may become visible late
 *   payload's CRC wrong elsewhere             damage; the head is right, so the next frame is known
 *   head wrong                                damage; the next frame must be searched: at multiples
 *                                             of 16, the right magic, CRC, run tag, a later
 *                                             sequence
 */
#include "config.h"

#include "trace/weft-crc32c-private.h"
#include "trace/weft-run-reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_BYTES (1u << 20)
#define KNOWN_KINDS WEFT_FRAME_LOD

G_DEFINE_QUARK (weft - run - reader - error - quark, weft_run_reader_error)

struct _WeftRunReader
{
  char *path;
  WeftRunReaderFlags flags;
  /* source */
  int fd; /* -1: bytes */
  const uint8_t *bytes;
  uint64_t n_file_bytes;
  /* window */
  uint8_t *buffer; /* 64-byte aligned */
  size_t capacity;
  uint64_t window_offset; /* multiple of 16 */
  size_t n_window_bytes;
  /* place */
  WeftRunFileHead head;
  bool head_read;
  uint64_t run_tag;
  uint64_t offset;      /* of the next frame */
  uint64_t scan_offset; /* behind damage: searched up to here; 0: not searching */
  uint64_t sequence;    /* expected; UINT64_MAX: any */
  uint64_t last_sequence;
  uint64_t n_frames, n_gaps, n_gap_bytes;
  bool ended;
  GError *error; /* sticky */
};

/* ---- source ---------------------------------------------------------------------------------- */

static bool G_GNUC_PRINTF (3, 4)
    fail (WeftRunReader *reader, WeftRunReaderError code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_clear_error (&reader->error);
  g_set_error (&reader->error, WEFT_RUN_READER_ERROR, code, "%s: %s", reader->path, text);
  return false;
}

static bool
update_size (WeftRunReader *reader)
{
  struct stat info;

  if (reader->fd < 0)
    return true;
  if (fstat (reader->fd, &info) != 0)
    return fail (reader, WEFT_RUN_READER_ERROR_IO, "cannot read: %s", g_strerror (errno));
  reader->n_file_bytes = (uint64_t) info.st_size;
  return true;
}

/* No more than there is, of bytes in memory. */
static size_t
window_bytes (const WeftRunReader *reader)
{
  uint64_t n_bytes = (reader->n_file_bytes | (WEFT_CACHE_LINE - 1)) + 1;

  return reader->fd >= 0 ? WINDOW_BYTES : (size_t) MIN (n_bytes, WINDOW_BYTES);
}

static bool
grow (WeftRunReader *reader, size_t n_bytes)
{
  size_t capacity = MAX (reader->capacity, window_bytes (reader));
  uint8_t *buffer;

  if (n_bytes <= reader->capacity)
    return true;
  while (capacity < n_bytes)
    capacity *= 2;
  buffer = aligned_alloc (WEFT_CACHE_LINE, capacity);
  if (buffer == NULL)
    return fail (reader, WEFT_RUN_READER_ERROR_IO, "a frame of %zu bytes does not fit into memory",
                 n_bytes);
  if (reader->n_window_bytes > 0)
    memcpy (buffer, reader->buffer, reader->n_window_bytes);
  free (reader->buffer);
  reader->buffer = buffer;
  reader->capacity = capacity;
  return true;
}

/* Reads behind the window until it is full or the file ends. */
static bool
fill (WeftRunReader *reader)
{
  while (reader->n_window_bytes < reader->capacity)
    {
      uint64_t from = reader->window_offset + reader->n_window_bytes;
      size_t room = reader->capacity - reader->n_window_bytes;
      uint8_t *to = reader->buffer + reader->n_window_bytes;
      ssize_t n = 0;

      if (reader->fd >= 0)
        n = pread (reader->fd, to, room, (off_t) from);
      else if (from < reader->n_file_bytes)
        {
          n = (ssize_t) MIN (room, reader->n_file_bytes - from);
          memcpy (to, reader->bytes + from, (size_t) n);
        }
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return fail (reader, WEFT_RUN_READER_ERROR_IO, "cannot read: %s", g_strerror (errno));
      if (n == 0)
        break;
      reader->n_window_bytes += (size_t) n;
    }
  return true;
}

static bool
in_window (WeftRunReader *reader, uint64_t offset, size_t n_bytes)
{
  return offset >= reader->window_offset && offset - reader->window_offset <= reader->n_window_bytes
         && n_bytes <= reader->n_window_bytes - (size_t) (offset - reader->window_offset);
}

/* The window begins at offset; what it holds of that is kept. */
static void
slide (WeftRunReader *reader, uint64_t offset)
{
  if (in_window (reader, offset, 0))
    {
      size_t skip = (size_t) (offset - reader->window_offset);

      reader->n_window_bytes -= skip;
      if (reader->n_window_bytes > 0)
        memmove (reader->buffer, reader->buffer + skip, reader->n_window_bytes);
    }
  else
    reader->n_window_bytes = 0;
  reader->window_offset = offset;
}

/* The file's bytes at offset. Returns: (nullable): NULL when the file is not that long, or with
 * reader->error when it cannot be read */
static const uint8_t *
fetch (WeftRunReader *reader, uint64_t offset, size_t n_bytes)
{
  uint64_t start = offset - offset % WEFT_FRAME_ALIGN;
  size_t before = (size_t) (offset - start);

  if (!in_window (reader, offset, n_bytes))
    {
      if (!update_size (reader) || offset > reader->n_file_bytes
          || n_bytes > reader->n_file_bytes - offset || !grow (reader, before + n_bytes))
        return NULL;
      slide (reader, start);
      if (!fill (reader) || !in_window (reader, offset, n_bytes))
        return NULL;
    }
  return reader->buffer + (offset - reader->window_offset);
}

/* ---- life ------------------------------------------------------------------------------------ */

/* Returns: whether the head is there; FALSE with reader->error if it is wrong */
static bool
read_file_head (WeftRunReader *reader)
{
  const uint8_t *bytes;
  uint64_t n_bytes;

  if (!update_size (reader))
    return false;
  n_bytes = MIN (reader->n_file_bytes, sizeof reader->head);
  bytes = fetch (reader, 0, (size_t) n_bytes);
  if (bytes == NULL)
    return false;
  if (memcmp (bytes, WEFT_RUN_FILE_MAGIC, MIN (n_bytes, 8)) != 0)
    return fail (reader, WEFT_RUN_READER_ERROR_FORMAT,
                 "not a run file: it does not begin with “WEFTRUN”");
  if (n_bytes < sizeof reader->head)
    return false;
  WeftRunFileHead head;
  memcpy (&head, bytes, sizeof head);
  if (_weft_crc32c (0, &head, offsetof (WeftRunFileHead, crc)) != head.crc)
    return fail (reader, WEFT_RUN_READER_ERROR_DAMAGED,
                 "the file's head is damaged: its checksum is wrong");
  if (head.version != WEFT_RUN_FILE_VERSION || head.n_head_bytes < sizeof head
      || head.n_head_bytes % WEFT_FRAME_ALIGN != 0)
    return fail (reader, WEFT_RUN_READER_ERROR_UNSUPPORTED,
                 "run file of version %u, this program reads version %u", head.version,
                 WEFT_RUN_FILE_VERSION);
  if (head.incompatible != 0)
    return fail (reader, WEFT_RUN_READER_ERROR_UNSUPPORTED,
                 "the run file uses features this program does not know: 0x%x", head.incompatible);
  reader->head = head;
  reader->head_read = true;
  memcpy (&reader->run_tag, head.run_id, sizeof reader->run_tag);
  reader->offset = head.n_head_bytes; /* a later version may say more in it */
  return true;
}

static WeftRunReader *
reader_new (const char *path, WeftRunReaderFlags flags)
{
  WeftRunReader *reader = g_new0 (WeftRunReader, 1);

  reader->path = g_strdup (path);
  reader->flags = flags;
  reader->fd = -1;
  return reader;
}

/* Gives the reader out if what there is of the head is right. */
static WeftRunReader *
check_head (WeftRunReader *reader, GError **error)
{
  if (reader->error == NULL)
    read_file_head (reader);
  if (reader->error == NULL)
    return reader;
  g_propagate_error (error, g_steal_pointer (&reader->error));
  weft_run_reader_free (reader);
  return NULL;
}

WeftRunReader *
weft_run_reader_open (const char *path, WeftRunReaderFlags flags, GError **error)
{
  WeftRunReader *reader = reader_new (path, flags);
  struct stat info;

  reader->fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (reader->fd < 0 || fstat (reader->fd, &info) != 0)
    fail (reader, WEFT_RUN_READER_ERROR_IO, "cannot open: %s", g_strerror (errno));
  else if (!S_ISREG (info.st_mode))
    fail (reader, WEFT_RUN_READER_ERROR_FORMAT, "not a run file: it is not a plain file");
  return check_head (reader, error);
}

WeftRunReader *
weft_run_reader_new_for_bytes (const void *bytes, size_t n_bytes, WeftRunReaderFlags flags,
                               GError **error)
{
  WeftRunReader *reader = reader_new ("(bytes)", flags);

  reader->bytes = bytes;
  reader->n_file_bytes = n_bytes;
  return check_head (reader, error);
}

void
weft_run_reader_free (WeftRunReader *reader)
{
  if (reader == NULL)
    return;
  if (reader->fd >= 0)
    close (reader->fd);
  free (reader->buffer);
  g_clear_error (&reader->error);
  g_free (reader->path);
  g_free (reader);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static uint64_t
frame_bytes (const WeftFrameHead *head)
{
  return sizeof *head + head->n_bytes + -(uint64_t) head->n_bytes % WEFT_FRAME_ALIGN;
}

static bool
head_is_right (WeftRunReader *reader, const WeftFrameHead *head)
{
  return head->magic == WEFT_FRAME_MAGIC && head->run_tag == reader->run_tag
         && head->n_bytes <= WEFT_FRAME_MAX_BYTES
         && head->head_crc == _weft_crc32c (0, head, offsetof (WeftFrameHead, head_crc));
}

static WeftRunReadStatus
damaged (WeftRunReader *reader, const char *what)
{
  fail (reader, WEFT_RUN_READER_ERROR_DAMAGED,
        "damaged at byte %" PRIu64 " of %" PRIu64 ": %s; the %" PRIu64
        " frames before it are whole",
        reader->offset, reader->n_file_bytes, what, reader->n_frames);
  return WEFT_RUN_READ_ERROR;
}

static WeftRunReadStatus
give_gap (WeftRunReader *reader, uint64_t end, WeftRunFrame *frame)
{
  *frame = (WeftRunFrame){ .offset = reader->offset, .n_bytes = end - reader->offset };
  reader->n_gaps++;
  reader->n_gap_bytes += frame->n_bytes;
  reader->offset = end;
  reader->scan_offset = 0;
  reader->sequence = UINT64_MAX;
  return WEFT_RUN_READ_GAP;
}

/* Searches the next frame of the run behind a head that is wrong. */
static WeftRunReadStatus
search (WeftRunReader *reader, WeftRunFrame *frame)
{
  WeftFrameHead head;
  const uint8_t *bytes;

  if (reader->scan_offset == 0)
    reader->scan_offset = reader->offset - reader->offset % WEFT_FRAME_ALIGN + WEFT_FRAME_ALIGN;
  while ((bytes = fetch (reader, reader->scan_offset, sizeof head)) != NULL)
    {
      memcpy (&head, bytes, sizeof head);
      if (head_is_right (reader, &head)
          && (reader->n_frames == 0 || head.sequence > reader->last_sequence))
        return give_gap (reader, reader->scan_offset, frame);
      reader->scan_offset += WEFT_FRAME_ALIGN;
    }
  return reader->error != NULL ? WEFT_RUN_READ_ERROR : WEFT_RUN_READ_AGAIN;
}

static WeftRunReadStatus
bad_head (WeftRunReader *reader, WeftRunFrame *frame, const char *what)
{
  if (reader->flags & WEFT_RUN_READER_RESYNC)
    return search (reader, frame);
  return damaged (reader, what);
}

static WeftRunReadStatus
bad_payload (WeftRunReader *reader, WeftRunFrame *frame, uint64_t n_bytes)
{
  if (!update_size (reader))
    return WEFT_RUN_READ_ERROR;
  if (reader->offset + n_bytes == reader->n_file_bytes)
    {
      reader->n_window_bytes = 0; /* to be read afresh */
      return WEFT_RUN_READ_AGAIN;
    }
  if (reader->flags & WEFT_RUN_READER_RESYNC)
    return give_gap (reader, reader->offset + n_bytes, frame);
  return damaged (reader, "a frame's content does not fit its checksum");
}

static WeftRunReadStatus
give_frame (WeftRunReader *reader, const WeftFrameHead *head, const uint8_t *payload,
            WeftRunFrame *frame)
{
  bool encoded = (head->flags & WEFT_FRAME_ENCODING_MASK) != 0;

  if ((head->flags & WEFT_FRAME_MUST_UNDERSTAND) != 0 && (head->kind > KNOWN_KINDS || encoded))
    {
      fail (reader, WEFT_RUN_READER_ERROR_UNSUPPORTED,
            "frame %" PRIu64 " at byte %" PRIu64 " must be understood, and this program does not "
            "know its kind %u or its encoding",
            head->sequence, reader->offset, head->kind);
      return WEFT_RUN_READ_ERROR;
    }
  *frame = (WeftRunFrame){ *head, reader->offset, frame_bytes (head), payload };
  reader->offset += frame->n_bytes;
  reader->last_sequence = head->sequence;
  reader->sequence = head->sequence + 1;
  reader->n_frames++;
  reader->ended = head->kind == WEFT_FRAME_END;
  return WEFT_RUN_READ_FRAME;
}

static WeftRunReadStatus
read_frame (WeftRunReader *reader, WeftRunFrame *frame)
{
  WeftFrameHead head;
  const uint8_t *bytes = fetch (reader, reader->offset, sizeof head);
  uint64_t n_bytes;

  if (bytes == NULL)
    return reader->error != NULL ? WEFT_RUN_READ_ERROR : WEFT_RUN_READ_AGAIN;
  memcpy (&head, bytes, sizeof head);
  if (reader->scan_offset != 0 || !head_is_right (reader, &head))
    return bad_head (reader, frame, "there is no frame head where one is expected");
  if (reader->sequence != UINT64_MAX && head.sequence != reader->sequence)
    return bad_head (reader, frame, "a frame is missing, or comes twice");
  n_bytes = frame_bytes (&head);
  bytes = fetch (reader, reader->offset, (size_t) n_bytes);
  if (bytes == NULL)
    return reader->error != NULL ? WEFT_RUN_READ_ERROR : WEFT_RUN_READ_AGAIN;
  if (_weft_crc32c (0, bytes + sizeof head, head.n_bytes) != head.payload_crc)
    return bad_payload (reader, frame, n_bytes);
  return give_frame (reader, &head, bytes + sizeof head, frame);
}

WeftRunReadStatus
weft_run_reader_next (WeftRunReader *reader, WeftRunFrame *frame, GError **error)
{
  WeftRunReadStatus status = WEFT_RUN_READ_AGAIN;

  if (reader->error != NULL)
    status = WEFT_RUN_READ_ERROR;
  else if (reader->ended)
    status = WEFT_RUN_READ_END;
  else if (reader->head_read || read_file_head (reader))
    status = read_frame (reader, frame);
  else if (reader->error != NULL)
    status = WEFT_RUN_READ_ERROR;
  if (status == WEFT_RUN_READ_ERROR && error != NULL)
    *error = g_error_copy (reader->error);
  return status;
}

void
weft_run_reader_info (WeftRunReader *reader, WeftRunReaderInfo *info)
{
  *info = (WeftRunReaderInfo){ .head = reader->head,
                               .n_whole_bytes = reader->offset,
                               .n_file_bytes = reader->n_file_bytes,
                               .n_frames = reader->n_frames,
                               .n_gaps = reader->n_gaps,
                               .n_gap_bytes = reader->n_gap_bytes,
                               .ended = reader->ended };
}

void
weft_run_reader_seek (WeftRunReader *reader, uint64_t offset)
{
  reader->offset = offset;
  reader->scan_offset = 0;
  reader->sequence = UINT64_MAX;
  reader->ended = false;
}

/* ---- index ----------------------------------------------------------------------------------- */

/* A whole, valid index frame at offset. */
static bool
read_index_frame (WeftRunReader *reader, uint64_t offset, WeftRunFrame *frame)
{
  WeftFrameHead head;
  const uint8_t *bytes = fetch (reader, offset, sizeof head);

  if (bytes == NULL || offset % WEFT_FRAME_ALIGN != 0)
    return false;
  memcpy (&head, bytes, sizeof head);
  if (!head_is_right (reader, &head))
    return false;
  bytes = fetch (reader, offset, (size_t) frame_bytes (&head));
  if (bytes == NULL || _weft_crc32c (0, bytes + sizeof head, head.n_bytes) != head.payload_crc)
    return false;
  *frame = (WeftRunFrame){ head, offset, frame_bytes (&head), bytes + sizeof head };
  return true;
}

/* Puts the entries of the index frames from @offset backwards into @entries, last frame last. */
static bool
collect_index (WeftRunReader *reader, uint64_t offset, GArray *entries)
{
  const WeftIndexEntry *more;
  WeftIndexHead head;
  WeftRunFrame frame;

  for (uint64_t before = UINT64_MAX; offset != 0; before = offset, offset = head.previous)
    {
      if (offset >= before || !read_index_frame (reader, offset, &frame)
          || !weft_run_frame_index (&frame, &head, &more))
        return false;
      g_array_prepend_vals (entries, more, head.n_entries);
    }
  return true;
}

GArray *
weft_run_reader_index (WeftRunReader *reader)
{
  WeftRunTrailer trailer;
  const uint8_t *bytes;
  GArray *entries;

  if (!reader->head_read || !update_size (reader)
      || reader->n_file_bytes < sizeof reader->head + sizeof trailer)
    return NULL;
  bytes = fetch (reader, reader->n_file_bytes - sizeof trailer, sizeof trailer);
  if (bytes == NULL)
    return NULL;
  memcpy (&trailer, bytes, sizeof trailer);
  if (memcmp (trailer.magic, WEFT_RUN_TRAILER_MAGIC, sizeof trailer.magic) != 0)
    return NULL;
  entries = g_array_new (FALSE, FALSE, sizeof (WeftIndexEntry));
  if (!collect_index (reader, trailer.index, entries))
    g_clear_pointer (&entries, g_array_unref);
  return entries;
}
