/* weft-codec.h: one byte form of values, for spilling, the socket, kept results and pickling
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Form (little endian; data/doc/value-codec.md has it to the byte): a 32-byte head (magic "WVAL",
 * version, compression), then blocks of at most 1 MiB of body each, {u32 n_raw, u32 n_stored, u64
 * XXH3-64 of the stored bytes, bytes}, and an end block with totals. So it streams both ways,
 * spilling a gigabyte needs a megabyte, and every block is checked before it is used.
 *
 * Body: a tree in preorder, each node a u8 type and its fields; bulk bytes start on multiples of 64
 * of the body. Arrays say their layout: C or Fortran, with axes of stride 0 stored once. What
 * several values share (boxes, record shapes, columns, buffers with overlapping views) is written
 * once and referred to after that.
 * Decoding checks every length against what is left, every nesting against WEFT_CODEC_MAX_DEPTH and
 * every total against the caller's limit before it allocates; damage gives an error with its
 * offset, never a crash or a wrong value.
 */
#pragma once

#include "store/weft-value.h"

#define WEFT_CODEC_VERSION 1
#define WEFT_CODEC_MAX_DEPTH 256
#define WEFT_CODEC_HEAD_BYTES 32

#define WEFT_CODEC_ERROR (weft_codec_error_quark ())
/**
 * weft_codec_error_quark:
 *
 * The domain of #WeftCodecError.
 */
WEFT_API GQuark weft_codec_error_quark (void);

typedef enum
{
  WEFT_CODEC_ERROR_DAMAGED,     /* magic, length or checksum is wrong, or data end early */
  WEFT_CODEC_ERROR_VERSION,     /* written by a later version */
  WEFT_CODEC_ERROR_UNSUPPORTED, /* what cannot be encoded: a foreign object without encode or of an
                                   unknown class, text that is not UTF-8, columns that contradict
                                   themselves, nesting deeper than WEFT_CODEC_MAX_DEPTH */
  WEFT_CODEC_ERROR_NO_MEMORY,   /* or more than the caller allowed */
} WeftCodecError;

typedef enum
{
  WEFT_COMPRESSION_NONE = 0,
  WEFT_COMPRESSION_LZ4 = 1,
  WEFT_COMPRESSION_ZSTD = 2,
} WeftCompression;

/* Takes the next bytes. FALSE with @error stops. */
typedef bool (*WeftCodecWriteFunc) (const void *bytes, size_t n_bytes, void *data, GError **error);
/* Fills exactly n_bytes; FALSE with @error when it cannot. */
typedef bool (*WeftCodecReadFunc) (void *bytes, size_t n_bytes, void *data, GError **error);

/**
 * weft_value_encode:
 * @value: any value but MANAGED
 * @compression: applied to bodies of 512 bytes and more, block by block, where it saves at least an
 *   eighth of one
 * @bytes: (out) (transfer full): head, blocks, end
 *
 * Equal values made alike give equal bytes. Objects are encoded under their class's encode, so a
 * value that holds some of a class with a runtime has to be encoded inside its batch hooks.
 *
 * Any thread. Errors: WEFT_CODEC_ERROR_UNSUPPORTED, _NO_MEMORY; @bytes is untouched then.
 *
 * Returns: whether it was encoded
 */
WEFT_API bool weft_value_encode (const WeftValue *value, WeftCompression compression,
                                 WeftBuffer **bytes, GError **error);

/**
 * weft_value_encode_to:
 * @write: called with one piece after the other
 *
 * The same, to a function. Big buffers go out from their own memory; beyond that it takes some 64
 * KiB, with compression two megabytes. Nothing is written when the value cannot be encoded. Errors:
 * also those of @write, as they are.
 *
 * Returns: whether it was encoded and written
 */
WEFT_API bool weft_value_encode_to (const WeftValue *value, WeftCompression compression,
                                    WeftCodecWriteFunc write, void *data, GError **error);

/**
 * WeftForeignClasses:
 *
 * The foreign classes a reader knows, found by name. Each engine (or reader) has its own; there is
 * no global table. Fill it before sharing it; then read-only from any thread.
 */
typedef struct
{
  const WeftForeignClass *const *classes;
  size_t n_classes;
} WeftForeignClasses;

/**
 * weft_value_decode:
 * @account: (nullable): charged for new buffers
 * @classes: (nullable): foreign classes that may appear
 * @bytes: at least @n_bytes; what follows the encoded value is ignored
 * @max_raw_bytes: most bytes of memory the value may take, roughly, as sizes come from the input;
 *   0: no limit but what the input's own length bears out
 * @value: (out): holds the only reference on success, untouched on failure
 * @n_used: (out) (optional): bytes the encoded value takes
 *
 * Boxes, buffers and columns that were shared are shared again. Any thread. Errors: each
 * WEFT_CODEC_ERROR; nothing is left behind.
 *
 * Returns: whether it was decoded
 */
WEFT_API bool weft_value_decode (WeftAccount *account, const WeftForeignClasses *classes,
                                 const uint8_t *bytes, size_t n_bytes, uint64_t max_raw_bytes,
                                 WeftValue *value, size_t *n_used, GError **error);

/**
 * weft_value_decode_from:
 * @read: asked for exactly the bytes of one encoded value, in order
 *
 * The same, from a function. Uncompressed blocks are read straight into the new buffers. As the
 * input's length is not known, give @max_raw_bytes unless the input is trusted: a head that lies is
 * believed up to that. Errors: also those of @read, as they are.
 *
 * Returns: whether it was decoded
 */
WEFT_API bool weft_value_decode_from (WeftAccount *account, const WeftForeignClasses *classes,
                                      WeftCodecReadFunc read, void *data, uint64_t max_raw_bytes,
                                      WeftValue *value, GError **error);
