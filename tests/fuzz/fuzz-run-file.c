/* fuzz-run-file.c: any bytes as a run file, or as the frames of one
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What begins like a run file is read as it is. Checksums keep a fuzzer out of the rest, so
 * anything else is taken for a list of frames, u8 kind, u8 flags of the kind, u8 lane, u16 bytes
 * and these, around which a file with right heads and checksums is made: it must be read to its
 * last frame. Whatever a frame says, it can be printed.
 */
#include "config.h"

#include "trace/weft-crc32c-private.h"
#include "trace/weft-run-reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

#define MAX_FRAMES 10000

/* Reads to the end. Returns how many frames there were. */
static guint64
read_all (WeftRunReader *reader, GString *text)
{
  WeftRunReadStatus status;
  WeftRunReaderInfo info;
  WeftRunFrame frame;
  guint64 n = 0;

  while ((status = weft_run_reader_next (reader, &frame, NULL)) == WEFT_RUN_READ_FRAME
         || status == WEFT_RUN_READ_GAP)
    {
      if (status == WEFT_RUN_READ_GAP)
        continue;
      n++;
      g_string_truncate (text, 0);
      weft_run_frame_dump (&frame, text);
      if (!g_utf8_validate (text->str, (gssize) text->len, NULL))
        abort ();
    }
  weft_run_reader_info (reader, &info);
  if (info.n_whole_bytes > info.n_file_bytes && status != WEFT_RUN_READ_ERROR)
    abort ();
  return n;
}

/* Every way to look at the bytes. */
static guint64
look (const guint8 *data, gsize n_bytes, WeftRunReaderFlags flags)
{
  WeftRunReader *reader = weft_run_reader_new_for_bytes (data, n_bytes, flags, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  GArray *index;
  guint64 n;

  if (reader == NULL)
    return 0;
  n = read_all (reader, text);
  index = weft_run_reader_index (reader);
  for (guint i = 0; index != NULL && i < MIN (index->len, 8); i++)
    {
      WeftRunFrame frame;

      weft_run_reader_seek (reader, g_array_index (index, WeftIndexEntry, i).offset);
      weft_run_reader_next (reader, &frame, NULL);
    }
  g_clear_pointer (&index, g_array_unref);
  weft_run_reader_free (reader);
  return n;
}

static void
append_head (GByteArray *file)
{
  WeftRunFileHead head = { .version = WEFT_RUN_FILE_VERSION, .n_head_bytes = sizeof head };

  memcpy (head.magic, WEFT_RUN_FILE_MAGIC, sizeof head.magic);
  memcpy (head.run_id, "fuzzfuzzfuzzfuzz", sizeof head.run_id);
  head.crc = _weft_crc32c (0, &head, offsetof (WeftRunFileHead, crc));
  g_byte_array_append (file, (const guint8 *) &head, sizeof head);
}

static void
append_frame (GByteArray *file, const guint8 *spec, const guint8 *payload, guint32 n_bytes,
              guint64 sequence)
{
  WeftFrameHead head = { .magic = WEFT_FRAME_MAGIC,
                         .kind = spec[0],
                         .flags = spec[1],
                         .n_bytes = n_bytes,
                         .lane = spec[2],
                         .sequence = sequence };
  static const guint8 zeros[WEFT_FRAME_ALIGN];

  memcpy (&head.run_tag, "fuzzfuzz", sizeof head.run_tag);
  head.payload_crc = _weft_crc32c (0, payload, n_bytes);
  head.head_crc = _weft_crc32c (0, &head, offsetof (WeftFrameHead, head_crc));
  g_byte_array_append (file, (const guint8 *) &head, sizeof head);
  g_byte_array_append (file, payload, n_bytes);
  g_byte_array_append (file, zeros, -n_bytes % WEFT_FRAME_ALIGN);
}

static void
seal_and_look (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  const guint8 *end = data + n_bytes;
  guint64 n_frames = 0, expected = 0;
  gboolean ended = FALSE;

  append_head (file);
  while (end - data >= 5 && n_frames < MAX_FRAMES)
    {
      guint32 n = MIN ((guint32) data[3] | (guint32) data[4] << 8, (guint32) (end - data - 5));

      append_frame (file, data, data + 5, n, n_frames++);
      if (!ended)
        expected = n_frames;
      ended = ended || data[0] == WEFT_FRAME_END;
      data += 5 + n;
    }
  if (look (file->data, file->len, 0) != expected
      || look (file->data, file->len, WEFT_RUN_READER_RESYNC) != expected)
    abort ();
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  if (n_bytes >= 8 && memcmp (data, WEFT_RUN_FILE_MAGIC, 8) == 0)
    {
      look (data, n_bytes, 0);
      look (data, n_bytes, WEFT_RUN_READER_RESYNC);
    }
  else
    seal_and_look (data, n_bytes);
  return 0;
}
