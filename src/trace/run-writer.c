/* run-writer.c: appends frames to a run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame is in the file or it is not: after a failed or partial write the file is cut back to the
 * end of the last frame that got in whole, so that a full disk leaves a file that opens.
 *
 * The page cache takes large aligned pieces in large pages, and others in small ones at twice the
 * cost. So between two ticks only whole units are written, and what is left over waits in a buffer.
 *
 * Beyond RLIMIT_FSIZE the kernel sends SIGXFSZ, whose default is to kill the process, to the thread
 * that wrote. It is blocked around the write, and taken away again if it came from here.
 */
#include "config.h"

#include "trace/weft-crc32c-private.h"
#include "trace/weft-recorder.h"
#include "trace/weft-run-writer-private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t zeros[WEFT_FRAME_ALIGN];

static void
fail (WeftRunWriter *writer, const char *doing, int code)
{
  if (writer->error == NULL)
    g_set_error (&writer->error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO, "%s: cannot %s: %s",
                 writer->path, doing, g_strerror (code));
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Takes n bytes off the front of the list; what is left begins at *iov. */
static void
advance (struct iovec **iov, uint32_t *n_iov, size_t n_bytes)
{
  while (n_bytes > 0 && n_bytes >= (*iov)->iov_len)
    {
      n_bytes -= (*iov)->iov_len;
      (*iov)++;
      (*n_iov)--;
    }
  if (n_bytes > 0)
    {
      (*iov)->iov_base = (uint8_t *) (*iov)->iov_base + n_bytes;
      (*iov)->iov_len -= n_bytes;
    }
}

/* Returns 0, or errno; *n_written is right in both cases. */
static int
write_all (int fd, struct iovec *iov, uint32_t n_iov, uint64_t *n_written)
{
  while (n_iov > 0)
    {
      ssize_t n = writev (fd, iov, (int) n_iov);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return errno;
      if (n == 0)
        return ENOSPC;
      *n_written += (uint64_t) n;
      advance (&iov, &n_iov, (size_t) n);
    }
  return 0;
}

static int
write_without_signal (int fd, struct iovec *iov, uint32_t n_iov, uint64_t *n_written)
{
  sigset_t file_size, before;
  int code;

  sigemptyset (&file_size);
  sigaddset (&file_size, SIGXFSZ);
  pthread_sigmask (SIG_BLOCK, &file_size, &before);
  code = write_all (fd, iov, n_iov, n_written);
  if (code == EFBIG && !sigismember (&before, SIGXFSZ))
    sigtimedwait (&file_size, NULL, &(struct timespec){ 0 });
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return code;
}

static void
cut_back (WeftRunWriter *writer, uint64_t end)
{
  uint64_t whole = writer->whole;

  for (uint32_t i = 0; i < writer->n_frames && writer->frame_ends[i] <= end; i++)
    whole = writer->frame_ends[i];
  if (end > whole && ftruncate (writer->fd, (off_t) whole) != 0)
    whole = end; /* a pipe, perhaps: readers will find the last frame incomplete */
  writer->committed = whole;
}

/* The frames that are whole in the file are done with. */
static void
forget_frames (WeftRunWriter *writer)
{
  uint32_t n = 0;

  while (n < writer->n_frames && writer->frame_ends[n] <= writer->committed)
    writer->whole = writer->frame_ends[n++];
  writer->n_frames -= n;
  memmove (writer->frame_ends, writer->frame_ends + n,
           writer->n_frames * sizeof writer->frame_ends[0]);
}

/* Writes the first @n_bytes of what waits. */
static void
write_out (WeftRunWriter *writer, uint64_t n_bytes)
{
  uint64_t end = writer->committed;
  uint32_t n_iov = 0;
  size_t n_left = n_bytes;
  struct iovec rest = { 0 };
  int code;

  while (n_iov < writer->n_iov && n_left >= writer->iov[n_iov].iov_len)
    n_left -= writer->iov[n_iov++].iov_len;
  if (n_left > 0)
    {
      rest = writer->iov[n_iov];
      advance (&(struct iovec *){ &rest }, &(uint32_t){ 1 }, n_left);
      writer->iov[n_iov++].iov_len = n_left;
    }
  code = write_without_signal (writer->fd, writer->iov, n_iov, &end);
  if (code != 0)
    {
      fail (writer, "write the run file, recording ends here", code);
      cut_back (writer, end);
      writer->n_iov = writer->n_frames = 0;
      return;
    }
  writer->committed = end;
  if (n_left > 0)
    writer->iov[--n_iov] = rest;
  writer->n_iov -= n_iov;
  memmove (writer->iov, writer->iov + n_iov, writer->n_iov * sizeof writer->iov[0]);
  forget_frames (writer);
}

void
_weft_run_writer_commit (WeftRunWriter *writer)
{
  if (writer->n_iov == 0 || writer->error != NULL)
    return;
  write_out (writer, writer->offset - writer->committed);
}

/* Copies what waits to the buffer, where the part that was there already is at the front. */
static void
hold (WeftRunWriter *writer)
{
  size_t n = 0;

  for (uint32_t i = 0; i < writer->n_iov; i++)
    {
      memmove (writer->held + n, writer->iov[i].iov_base, writer->iov[i].iov_len);
      n += writer->iov[i].iov_len;
    }
  writer->iov[0] = (struct iovec){ writer->held, n };
  writer->n_iov = n > 0;
}

void
_weft_run_writer_commit_most (WeftRunWriter *writer)
{
  uint64_t end = writer->offset / WEFT_WRITER_UNIT * WEFT_WRITER_UNIT;

  if (writer->n_iov == 0 || writer->error != NULL)
    return;
  if (end > writer->committed)
    write_out (writer, end - writer->committed);
  if (writer->error == NULL)
    hold (writer);
}

static void
add_part (WeftRunWriter *writer, const void *bytes, size_t n_bytes)
{
  if (n_bytes > 0)
    writer->iov[writer->n_iov++] = (struct iovec){ (void *) bytes, n_bytes };
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void
add_entry (WeftRunWriter *writer, const WeftFrameHead *head, const struct iovec *parts)
{
  WeftIndexEntry entry = {
    .offset = writer->offset, .lane = head->lane, .kind = head->kind, .flags = head->flags
  };

  if (head->kind == WEFT_FRAME_RECORDS)
    {
      const WeftRecordsHead *records = parts[0].iov_base;

      entry.min_start = records->min_start;
      entry.max_end = records->max_end;
      entry.n_records = records->n_records;
      writer->n_records += records->n_records;
    }
  g_array_append_val (writer->entries, entry);
}

/* The frame without thought of the index. */
static uint64_t
append (WeftRunWriter *writer, WeftFrameHead *head, const struct iovec *parts, uint32_t n_parts)
{
  uint64_t offset = writer->offset;
  size_t n_bytes = 0, n_padding;
  uint32_t crc = 0;

  add_part (writer, head, sizeof *head);
  for (uint32_t i = 0; i < n_parts; i++)
    {
      crc = _weft_crc32c (crc, parts[i].iov_base, parts[i].iov_len);
      n_bytes += parts[i].iov_len;
      add_part (writer, parts[i].iov_base, parts[i].iov_len);
    }
  n_padding = -n_bytes % WEFT_FRAME_ALIGN;
  add_part (writer, zeros, n_padding);
  head->magic = WEFT_FRAME_MAGIC;
  head->n_bytes = (uint32_t) n_bytes;
  head->sequence = writer->sequence++;
  head->run_tag = writer->run_tag;
  head->payload_crc = crc;
  head->head_crc = _weft_crc32c (0, head, offsetof (WeftFrameHead, head_crc));
  writer->offset += sizeof *head + n_bytes + n_padding;
  writer->frame_ends[writer->n_frames++] = writer->offset;
  return offset;
}

/* Where the next head may be filled in, with room behind it for the parts. */
static WeftFrameHead *
next_head (WeftRunWriter *writer, WeftFrameKind kind, uint16_t flags, uint32_t lane,
           uint64_t watermark)
{
  WeftFrameHead *head;

  if (writer->n_frames == WEFT_WRITER_MAX_FRAMES
      || writer->n_iov + WEFT_WRITER_MAX_PARTS + 2 > WEFT_WRITER_MAX_IOV)
    _weft_run_writer_commit (writer);
  head = &writer->heads[writer->n_frames];
  *head = (WeftFrameHead){
    .kind = (uint16_t) kind, .flags = flags, .lane = lane, .watermark = watermark
  };
  return head;
}

static void
write_index (WeftRunWriter *writer, uint64_t watermark)
{
  WeftIndexHead index = { .previous = writer->previous_index, .n_entries = writer->entries->len };
  struct iovec parts[2] = {
    { &index, sizeof index },
    { writer->entries->data, writer->entries->len * sizeof (WeftIndexEntry) },
  };
  WeftFrameHead *head = next_head (writer, WEFT_FRAME_INDEX, 0, 0, watermark);

  writer->previous_index = append (writer, head, parts, 2);
  _weft_run_writer_commit (writer);
  g_array_set_size (writer->entries, 0);
}

uint64_t
_weft_run_writer_frame (WeftRunWriter *writer, WeftFrameKind kind, uint16_t flags, uint32_t lane,
                        uint64_t watermark, const struct iovec *parts, uint32_t n_parts)
{
  WeftFrameHead *head;
  uint64_t offset;

  if (writer->error != NULL)
    return 0;
  if (writer->entries->len >= WEFT_WRITER_INDEX_FRAMES)
    write_index (writer, watermark);
  head = next_head (writer, kind, flags, lane, watermark);
  add_entry (writer, head, parts);
  offset = append (writer, head, parts, n_parts);
  return offset;
}

void
_weft_run_writer_finish (WeftRunWriter *writer, uint64_t watermark, const WeftEndHead *end,
                         const char *summary_json)
{
  const char *json = summary_json != NULL ? summary_json : "{}";
  struct iovec parts[2] = { { (void *) end, sizeof *end }, { (void *) json, strlen (json) } };
  WeftRunTrailer trailer;

  if (writer->error != NULL)
    return;
  write_index (writer, watermark);
  append (writer, next_head (writer, WEFT_FRAME_END, 0, 0, watermark), parts, 2);
  trailer.index = writer->previous_index;
  memcpy (trailer.magic, WEFT_RUN_TRAILER_MAGIC, sizeof trailer.magic);
  add_part (writer, &trailer, sizeof trailer);
  writer->offset += sizeof trailer;
  _weft_run_writer_commit (writer);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool
write_file_head (WeftRunWriter *writer, int64_t created_wall_ns)
{
  WeftRunFileHead head = { .version = WEFT_RUN_FILE_VERSION,
                           .n_head_bytes = sizeof head,
                           .created_wall_ns = created_wall_ns,
                           .page_bytes = (uint32_t) sysconf (_SC_PAGESIZE) };

  memcpy (head.magic, WEFT_RUN_FILE_MAGIC, sizeof head.magic);
  if (getrandom (head.run_id, sizeof head.run_id, 0) != sizeof head.run_id)
    {
      fail (writer, "make a run id", errno);
      return false;
    }
  memcpy (&writer->run_tag, head.run_id, sizeof writer->run_tag);
  head.crc = _weft_crc32c (0, &head, offsetof (WeftRunFileHead, crc));
  add_part (writer, &head, sizeof head);
  writer->offset = writer->whole = sizeof head;
  _weft_run_writer_commit (writer);
  return writer->error == NULL;
}

/* A new file in place of an old one, rather than the old one cut to nothing: whoever reads that
 * keeps it, and file systems that guard against lost rewrites do not flush the new one at close.
 * What is no plain file (a device, a pipe, a link, one of several names) is opened as it is. */
static int
create_file (const char *path)
{
  struct stat old;

  if (lstat (path, &old) == 0 && S_ISREG (old.st_mode) && old.st_nlink == 1
      && access (path, W_OK) == 0)
    unlink (path);
  return open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

bool
_weft_run_writer_open (WeftRunWriter *writer, const char *path, int64_t created_wall_ns,
                       GError **error)
{
  memset (writer, 0, sizeof *writer);
  writer->path = g_strdup (path);
  writer->held = g_malloc (WEFT_WRITER_UNIT);
  writer->entries = g_array_new (FALSE, FALSE, sizeof (WeftIndexEntry));
  writer->fd = create_file (path);
  if (writer->fd < 0)
    fail (writer, "create the run file", errno);
  if (writer->fd < 0 || !write_file_head (writer, created_wall_ns))
    {
      g_propagate_error (error, g_steal_pointer (&writer->error));
      _weft_run_writer_clear (writer);
      return false;
    }
  return true;
}

void
_weft_run_writer_close (WeftRunWriter *writer)
{
  _weft_run_writer_commit (writer);
  if (writer->fd >= 0 && close (writer->fd) != 0 && errno != EINTR)
    fail (writer, "close the run file", errno);
  writer->fd = -1;
}

void
_weft_run_writer_clear (WeftRunWriter *writer)
{
  if (writer->fd >= 0)
    close (writer->fd);
  writer->fd = -1;
  g_clear_pointer (&writer->path, g_free);
  g_clear_pointer (&writer->held, g_free);
  if (writer->entries != NULL)
    g_array_unref (writer->entries);
  writer->entries = NULL;
  g_clear_error (&writer->error);
}
