/* weft-codec.h: one byte form of values, for spilling, the socket, kept results and pickling
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Form (little endian; data/doc/value-codec.md has it to the byte): a 32-byte head (magic "WVAL",
 * version, compression), then blocks of at most 1 MiB of body each, {u32 n_raw, u32 n_stored, u64
 * XXH3-64 of the stored bytes, bytes}, and an end block with totals. So it streams both ways, spilling
 * a gigabyte needs a megabyte, and every block is checked before it is used.
 *
 * Body: a tree in preorder, each node a u8 type and its fields; bulk bytes start on multiples of 64 of
 * the body. Arrays say their layout: C, Fortran, or strided with axes of stride 0 stored once. A buffer
 * that several views share is written once and referred to after that.
 * Decoding checks every length against what is left, every nesting against WEFT_CODEC_MAX_DEPTH and
 * every total against the caller's limit before it allocates; damage gives an error with its offset,
 * never a crash or a wrong value.
 */
#pragma once

#include "store/weft-value.h"

#define WEFT_CODEC_VERSION 1
#define WEFT_CODEC_MAX_DEPTH 256
#define WEFT_CODEC_HEAD_BYTES 32

#define WEFT_CODEC_ERROR (weft_codec_error_quark ())
WEFT_API GQuark weft_codec_error_quark (void);

typedef enum
{
  WEFT_CODEC_ERROR_DAMAGED,     /* magic, length or checksum is wrong, or data end early */
  WEFT_CODEC_ERROR_VERSION,     /* written by a later version */
  WEFT_CODEC_ERROR_UNSUPPORTED, /* a foreign object without encode, or whose class is unknown */
  WEFT_CODEC_ERROR_NO_MEMORY,
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

/* Streaming forms of the two below: big buffers go out from, and come into, their own memory. */
WEFT_API bool weft_value_encode_to (const WeftValue *value, WeftCompression compression,
                                    WeftCodecWriteFunc write, void *data, GError **error);

/**
 * weft_value_encode:
 * @value: any value but MANAGED
 * @compression: applied to bodies of 512 bytes and more where it saves at least an eighth
 * @bytes: (out) (transfer full): head and body
 *
 * Any thread. On failure @bytes is untouched.
 */
WEFT_API bool weft_value_encode (const WeftValue *value, WeftCompression compression,
                                 WeftBuffer **bytes, GError **error);

/**
 * WeftForeignClasses:
 *
 * The foreign classes a reader knows, found by name. Each engine (or reader) has its own; there is no
 * global table. Fill it before sharing it; then read-only from any thread.
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
 * @value: (out): holds the only reference on success, untouched on failure
 * @n_used: (out) (optional): bytes the encoded value takes
 *
 * Any thread.
 */
WEFT_API bool weft_value_decode (WeftAccount *account, const WeftForeignClasses *classes,
                                 const uint8_t *bytes, size_t n_bytes, uint64_t max_raw_bytes,
                                 WeftValue *value, size_t *n_used, GError **error);
/* @max_raw_bytes: most bytes the value may take (0: no limit), as sizes come from the input. */
WEFT_API bool weft_value_decode_from (WeftAccount *account, const WeftForeignClasses *classes,
                                      WeftCodecReadFunc read, void *data, uint64_t max_raw_bytes,
                                      WeftValue *value, GError **error);
