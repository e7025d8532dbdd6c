/* codec-blocks.c: head, checksummed blocks and end of an encoded value
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The body is cut into blocks wherever the writer likes: small fields are gathered until
 * GATHER_BYTES, anything from DIRECT_BYTES on becomes blocks of its own, straight from where it
 * lies. So a reader meets the blocks of a big buffer just when it wants them, and can take them
 * straight into the new buffer; what it takes is only used after the checksum agreed.
 *
 * Each block's checksum covers its stored bytes; the end block's digest covers all block heads,
 * hence order and sizes too. All of it is little endian, as are the machines this runs on.
 */
#include "config.h"

#include "store/weft-codec-private.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

_Static_assert(G_BYTE_ORDER == G_LITTLE_ENDIAN, "numbers are written as they lie in memory");

#define GATHER_BYTES 65536
#define DIRECT_BYTES 16384
#define ZSTD_LEVEL 1

typedef struct
{
  uint32_t n_raw;
  uint32_t n_stored;
  uint64_t checksum;
} BlockHead;

_Static_assert(sizeof (BlockHead) == WEFT_CODEC_BLOCK_HEAD_BYTES, "no padding");

typedef struct
{
  uint64_t n_raw;
  uint64_t n_blocks;
  uint64_t digest; /* XXH3-64 of all block heads before */
} EndBlock;

_Static_assert(sizeof (EndBlock) == WEFT_CODEC_END_BYTES, "no padding");

typedef struct
{
  char magic[4];
  uint16_t version;
  uint8_t compression;
  uint8_t reserved;
  uint64_t n_body;
  uint64_t reserved2;
  uint64_t checksum; /* XXH3-64 of the 24 bytes before */
} Head;

_Static_assert(sizeof (Head) == WEFT_CODEC_HEAD_BYTES, "no padding");

/* ---- writing --------------------------------------------------------------------------------- */

bool
_weft_block_writer_init (WeftBlockWriter *writer, WeftCompression compression,
                         WeftCodecWriteFunc write, void *data)
{
  *writer = (WeftBlockWriter){ .write = write, .data = data, .compression = compression };
  if (write == NULL)
    return true;
  writer->gathered = malloc (GATHER_BYTES);
  writer->digest = XXH3_createState ();
  if (writer->gathered == NULL || writer->digest == NULL)
    return false;
  XXH3_64bits_reset (writer->digest);
  return true;
}

void
_weft_block_writer_clear (WeftBlockWriter *writer)
{
  free (writer->gathered);
  free (writer->packed);
  ZSTD_freeCCtx (writer->zstd);
  XXH3_freeState (writer->digest);
  g_clear_error (&writer->error);
}

void
_weft_block_writer_fail (WeftBlockWriter *writer, WeftCodecError code, const char *format, ...)
{
  va_list args;

  if (writer->error != NULL)
    return;
  va_start (args, format);
  writer->error = g_error_new_valist (WEFT_CODEC_ERROR, code, format, args);
  va_end (args);
}

static void
send (WeftBlockWriter *writer, const void *bytes, size_t n_bytes)
{
  if (writer->error == NULL && !writer->write (bytes, n_bytes, writer->data, &writer->error)
      && writer->error == NULL)
    _weft_block_writer_fail (writer, WEFT_CODEC_ERROR_DAMAGED, "writing failed");
  writer->n_encoded += n_bytes;
}

/* Room for the longest packed block this value can have. */
static bool
make_packer (WeftBlockWriter *writer)
{
  size_t n_bytes =
      MAX (ZSTD_COMPRESSBOUND (WEFT_CODEC_BLOCK_BYTES), LZ4_COMPRESSBOUND (WEFT_CODEC_BLOCK_BYTES));

  if (writer->packed == NULL)
    writer->packed = malloc (n_bytes);
  if (writer->zstd == NULL && writer->compression == WEFT_COMPRESSION_ZSTD)
    writer->zstd = ZSTD_createCCtx ();
  if (writer->packed != NULL
      && (writer->zstd != NULL || writer->compression != WEFT_COMPRESSION_ZSTD))
    return true;
  _weft_block_writer_fail (writer, WEFT_CODEC_ERROR_NO_MEMORY, "no memory to compress in");
  return false;
}

/* Returns: packed size, or 0 where packing does not save an eighth */
static size_t
pack (WeftBlockWriter *writer, const void *bytes, size_t n_bytes)
{
  size_t most = n_bytes - n_bytes / 8;
  size_t n_packed = 0;

  if (writer->compression == WEFT_COMPRESSION_NONE || !make_packer (writer))
    return 0;
  if (writer->compression == WEFT_COMPRESSION_LZ4)
    n_packed =
        (size_t) LZ4_compress_default (bytes, (char *) writer->packed, (int) n_bytes, (int) most);
  else
    n_packed = ZSTD_compressCCtx (writer->zstd, writer->packed, most, bytes, n_bytes, ZSTD_LEVEL);
  return ZSTD_isError (n_packed) || n_packed > most || n_packed >= n_bytes ? 0 : n_packed;
}

static void
send_block (WeftBlockWriter *writer, uint32_t n_raw, const void *stored, uint32_t n_stored)
{
  BlockHead head = { n_raw, n_stored, XXH3_64bits (stored, n_stored) };

  XXH3_64bits_update (writer->digest, &head, sizeof head);
  send (writer, &head, sizeof head);
  send (writer, stored, n_stored);
}

/* 1 … WEFT_CODEC_BLOCK_BYTES */
static void
put_block (WeftBlockWriter *writer, const void *bytes, size_t n_bytes)
{
  size_t n_packed;

  writer->n_blocks++;
  if (writer->write == NULL)
    {
      writer->n_encoded += WEFT_CODEC_BLOCK_HEAD_BYTES + n_bytes;
      return;
    }
  if (writer->error != NULL)
    return;
  n_packed = pack (writer, bytes, n_bytes);
  if (n_packed > 0)
    send_block (writer, (uint32_t) n_bytes, writer->packed, (uint32_t) n_packed);
  else
    send_block (writer, (uint32_t) n_bytes, bytes, (uint32_t) n_bytes);
}

static void
flush (WeftBlockWriter *writer)
{
  if (writer->n_gathered > 0)
    put_block (writer, writer->gathered, writer->n_gathered);
  writer->n_gathered = 0;
}

static void
put_direct (WeftBlockWriter *writer, const uint8_t *bytes, size_t n_bytes)
{
  flush (writer);
  while (n_bytes > 0)
    {
      size_t n = MIN (n_bytes, WEFT_CODEC_BLOCK_BYTES);

      put_block (writer, bytes, n);
      bytes += n;
      n_bytes -= n;
    }
}

void
_weft_block_writer_put (WeftBlockWriter *writer, const void *bytes, size_t n_bytes)
{
  if (writer->error != NULL || n_bytes == 0)
    return;
  writer->n_raw += n_bytes;
  if (n_bytes >= DIRECT_BYTES)
    {
      put_direct (writer, bytes, n_bytes);
      return;
    }
  if (writer->n_gathered + n_bytes > GATHER_BYTES)
    flush (writer);
  if (writer->write != NULL)
    memcpy (writer->gathered + writer->n_gathered, bytes, n_bytes);
  writer->n_gathered += n_bytes;
}

bool
_weft_block_writer_end (WeftBlockWriter *writer)
{
  EndBlock end;
  BlockHead head = { 0, sizeof end, 0 };

  flush (writer);
  if (writer->write == NULL)
    writer->n_encoded += sizeof head + sizeof end;
  if (writer->write == NULL || writer->error != NULL)
    return writer->error == NULL;
  end = (EndBlock){ writer->n_raw, writer->n_blocks, XXH3_64bits_digest (writer->digest) };
  head.checksum = XXH3_64bits (&end, sizeof end);
  send (writer, &head, sizeof head);
  send (writer, &end, sizeof end);
  return writer->error == NULL;
}

/* The encoded form up to the first block. */
void
_weft_codec_head_fill (uint8_t *bytes, WeftCompression compression, uint64_t n_body)
{
  Head head = { .magic = { 'W', 'V', 'A', 'L' },
                .version = WEFT_CODEC_VERSION,
                .compression = (uint8_t) compression,
                .n_body = n_body };

  head.checksum = XXH3_64bits (&head, offsetof (Head, checksum));
  memcpy (bytes, &head, sizeof head);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool G_GNUC_PRINTF (5, 0)
    fail_valist (WeftBlockReader *reader, WeftCodecError code, uint64_t offset, const char *of,
                 const char *format, va_list args)
{
  g_autofree char *what = NULL;

  if (reader->error != NULL)
    return false;
  what = g_strdup_vprintf (format, args);
  reader->error = g_error_new (WEFT_CODEC_ERROR, code, "byte %" G_GUINT64_FORMAT " of %s: %s",
                               offset, of, what);
  return false;
}

bool
_weft_block_reader_fail (WeftBlockReader *reader, WeftCodecError code, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail_valist (reader, code, reader->n_raw, "the value's body", format, args);
  va_end (args);
  return false;
}

static G_GNUC_PRINTF (2, 3) bool fail_here (WeftBlockReader *reader, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  fail_valist (reader, WEFT_CODEC_ERROR_DAMAGED, reader->n_read, "the encoded value", format, args);
  va_end (args);
  return false;
}

static bool
receive (WeftBlockReader *reader, void *bytes, size_t n_bytes)
{
  if (reader->error != NULL)
    return false;
  if (!reader->read (bytes, n_bytes, reader->data, &reader->error))
    {
      if (reader->error == NULL)
        fail_here (reader, "data end before the value does");
      return false;
    }
  reader->n_read += n_bytes;
  return true;
}

static bool
check_head (WeftBlockReader *reader, const Head *head)
{
  if (memcmp (head->magic, "WVAL", 4) != 0)
    return fail_here (reader, "no encoded value: it begins with 0x%02x%02x%02x%02x, not “WVAL”",
                      (guint8) head->magic[0], (guint8) head->magic[1], (guint8) head->magic[2],
                      (guint8) head->magic[3]);
  if (head->checksum != XXH3_64bits (head, offsetof (Head, checksum)))
    return fail_here (reader, "the head's checksum does not agree");
  if (head->version == 0 || head->version > WEFT_CODEC_VERSION)
    {
      reader->error = g_error_new (WEFT_CODEC_ERROR, WEFT_CODEC_ERROR_VERSION,
                                   "the value is encoded in version %u; this program reads up to "
                                   "version %u",
                                   head->version, WEFT_CODEC_VERSION);
      return false;
    }
  if (head->compression > WEFT_COMPRESSION_ZSTD || head->reserved != 0 || head->reserved2 != 0)
    return fail_here (reader, "compression %u, reserved %u: unknown", head->compression,
                      head->reserved);
  return true;
}

bool
_weft_block_reader_init (WeftBlockReader *reader, WeftCodecReadFunc read, void *data)
{
  Head head;

  *reader = (WeftBlockReader){ .read = read, .data = data, .digest = XXH3_createState () };
  if (reader->digest == NULL)
    return _weft_block_reader_fail (reader, WEFT_CODEC_ERROR_NO_MEMORY, "no memory");
  XXH3_64bits_reset (reader->digest);
  if (!receive (reader, &head, sizeof head) || !check_head (reader, &head))
    return false;
  reader->compression = head.compression;
  reader->n_body = head.n_body;
  return true;
}

void
_weft_block_reader_clear (WeftBlockReader *reader)
{
  free (reader->block);
  free (reader->stored);
  XXH3_freeState (reader->digest);
  g_clear_error (&reader->error);
}

/* Memory for a block, made at first need. */
static bool
have_block (WeftBlockReader *reader, uint8_t **block)
{
  if (*block == NULL)
    *block = malloc (WEFT_CODEC_BLOCK_BYTES);
  return *block != NULL
         || _weft_block_reader_fail (reader, WEFT_CODEC_ERROR_NO_MEMORY, "no memory for a block");
}

static bool
open_block (WeftBlockReader *reader, BlockHead *head)
{
  if (!receive (reader, head, sizeof *head))
    return false;
  if (head->n_raw == 0 || head->n_raw > WEFT_CODEC_BLOCK_BYTES
      || head->n_raw > reader->n_body - reader->n_opened || head->n_stored > head->n_raw
      || head->n_stored == 0
      || (reader->compression == WEFT_COMPRESSION_NONE && head->n_stored != head->n_raw))
    return fail_here (reader, "a block of %u bytes, stored in %u, cannot be here", head->n_raw,
                      head->n_stored);
  XXH3_64bits_update (reader->digest, head, sizeof *head);
  reader->n_opened += head->n_raw;
  reader->n_blocks++;
  return true;
}

static bool
receive_checked (WeftBlockReader *reader, const BlockHead *head, uint8_t *bytes)
{
  if (!receive (reader, bytes, head->n_stored))
    return false;
  return XXH3_64bits (bytes, head->n_stored) == head->checksum
         || fail_here (reader, "the checksum of the block before does not agree");
}

static bool
unpack (WeftBlockReader *reader, const BlockHead *head, uint8_t *bytes)
{
  size_t n;

  if (reader->compression == WEFT_COMPRESSION_LZ4)
    n = (size_t) LZ4_decompress_safe ((const char *) reader->stored, (char *) bytes,
                                      (int) head->n_stored, (int) head->n_raw);
  else
    n = ZSTD_decompress (bytes, head->n_raw, reader->stored, head->n_stored);
  return n == head->n_raw || fail_here (reader, "the block before does not decompress");
}

/* bytes has room for the whole block. */
static bool
read_block (WeftBlockReader *reader, const BlockHead *head, uint8_t *bytes)
{
  if (head->n_stored == head->n_raw)
    return receive_checked (reader, head, bytes);
  return have_block (reader, &reader->stored) && receive_checked (reader, head, reader->stored)
         && unpack (reader, head, bytes);
}

static size_t
take_rest (WeftBlockReader *reader, uint8_t *bytes, size_t n_bytes)
{
  size_t n = MIN (n_bytes, reader->n_block - reader->at_block);

  if (n > 0)
    memcpy (bytes, reader->block + reader->at_block, n);
  reader->at_block += n;
  return n;
}

bool
_weft_block_reader_get (WeftBlockReader *reader, void *bytes, size_t n_bytes)
{
  uint8_t *at = bytes;
  uint8_t *end = at + n_bytes;

  if (reader->error != NULL)
    return false;
  if (n_bytes > _weft_block_reader_left (reader))
    return _weft_block_reader_fail (reader, WEFT_CODEC_ERROR_DAMAGED,
                                    "%" G_GSIZE_FORMAT " bytes wanted, %" G_GUINT64_FORMAT " left",
                                    n_bytes, _weft_block_reader_left (reader));
  at += take_rest (reader, at, n_bytes);
  while (at < end)
    {
      BlockHead head;

      if (!open_block (reader, &head))
        return false;
      if (head.n_raw <= (size_t) (end - at))
        {
          if (!read_block (reader, &head, at))
            return false;
          at += head.n_raw;
          continue;
        }
      if (!have_block (reader, &reader->block) || !read_block (reader, &head, reader->block))
        return false;
      reader->n_block = head.n_raw;
      reader->at_block = 0;
      at += take_rest (reader, at, (size_t) (end - at));
    }
  reader->n_raw += n_bytes;
  return true;
}

bool
_weft_block_reader_end (WeftBlockReader *reader)
{
  BlockHead head;
  EndBlock end;

  if (reader->n_raw != reader->n_body)
    return _weft_block_reader_fail (reader, WEFT_CODEC_ERROR_DAMAGED,
                                    "%" G_GUINT64_FORMAT " bytes too many",
                                    _weft_block_reader_left (reader));
  if (!receive (reader, &head, sizeof head))
    return false;
  if (head.n_raw != 0 || head.n_stored != sizeof end)
    return fail_here (reader, "a block where the end should be");
  if (!receive_checked (reader, &head, (uint8_t *) &end))
    return false;
  if (end.n_raw != reader->n_raw || end.n_blocks != reader->n_blocks
      || end.digest != XXH3_64bits_digest (reader->digest))
    return fail_here (reader, "the end does not agree with the blocks before");
  return true;
}
