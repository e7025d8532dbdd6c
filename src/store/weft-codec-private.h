/* weft-codec-private.h: the parts of the codec: blocks below, the tree of nodes above
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * data/doc/value-codec.md has the form to the byte.
 */
#pragma once

#include "store/weft-codec.h"

#include <xxhash.h>

#define WEFT_CODEC_BLOCK_BYTES (1u << 20) /* most raw bytes of a block */
#define WEFT_CODEC_BLOCK_HEAD_BYTES 16
#define WEFT_CODEC_END_BYTES 24 /* content of the end block */
#define WEFT_CODEC_RUN_ALIGN 64
#define WEFT_CODEC_LONG_RUN_BYTES 1024      /* runs from here on are aligned in the body */
#define WEFT_CODEC_MIN_COMPRESSED_BYTES 512 /* bodies below are stored as they are */
#define WEFT_CODEC_MAX_TAG_BYTES 32
#define WEFT_CODEC_MAX_UNFOLDED (1ll << 28) /* values, those met again counted again */

/* Node types are those of values, and: */
#define WEFT_NODE_SHARED 0x40 /* the node that follows is referred to later */
#define WEFT_NODE_REF 0x41    /* u32: the how-manieth shared node */

/* Where a number of a shape, column or buffer stands: a new one follows ... */
#define WEFT_CODEC_NEW UINT32_MAX
#define WEFT_CODEC_NEW_COUNTED (UINT32_MAX - 1) /* ... of columns: and is referred to later */

/* Arrays: the layouts of WeftLayoutKind, and a view on a shared buffer. */
#define WEFT_CODEC_LAYOUT_VIEW 2

/* ---- blocks ---------------------------------------------------------------------------------- */

/* Gathers small pieces; long ones go out from their own memory. After an error everything is a
 * no-op. */
typedef struct
{
  WeftCodecWriteFunc write; /* NULL: only counts */
  void *data;
  WeftCompression compression;
  GError *error;
  uint64_t n_raw; /* body bytes so far */
  uint64_t n_blocks;
  uint64_t n_encoded; /* bytes of blocks so far; when counting, as if nothing were compressed */
  uint8_t *gathered;
  size_t n_gathered;
  uint8_t *packed; /* (nullable) */
  void *zstd;      /* (nullable): ZSTD_CCtx */
  XXH3_state_t *digest;
} WeftBlockWriter;

/* write NULL: counts only. FALSE when memory is out. */
bool _weft_block_writer_init (WeftBlockWriter *writer, WeftCompression compression,
                              WeftCodecWriteFunc write, void *data);
void _weft_block_writer_put (WeftBlockWriter *writer, const void *bytes, size_t n_bytes);
/* The last block and the end block. FALSE with error set when anything went wrong. */
bool _weft_block_writer_end (WeftBlockWriter *writer);
void _weft_block_writer_clear (WeftBlockWriter *writer);
/* The first failure stays. */
void _weft_block_writer_fail (WeftBlockWriter *writer, WeftCodecError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

typedef struct
{
  WeftCodecReadFunc read;
  void *data;
  WeftCompression compression;
  GError *error;
  uint64_t n_body;   /* bytes of the body, as the head says */
  uint64_t n_raw;    /* of these, given out */
  uint64_t n_opened; /* of these, in blocks that were read */
  uint64_t n_read;   /* bytes of the encoded form so far */
  uint64_t n_blocks;
  uint8_t *block; /* (nullable): rest of a block that was not wanted whole */
  size_t n_block, at_block;
  uint8_t *stored; /* (nullable): a compressed block */
  XXH3_state_t *digest;
} WeftBlockReader;

/* Reads and checks the head. FALSE with error set. */
bool _weft_block_reader_init (WeftBlockReader *reader, WeftCodecReadFunc read, void *data);
bool _weft_block_reader_get (WeftBlockReader *reader, void *bytes, size_t n_bytes);
bool _weft_block_reader_end (WeftBlockReader *reader);
void _weft_block_reader_clear (WeftBlockReader *reader);
/* Sets the error, with the place in the body; returns false. */
bool _weft_block_reader_fail (WeftBlockReader *reader, WeftCodecError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static inline uint64_t
_weft_block_reader_left (const WeftBlockReader *reader)
{
  return reader->n_body - reader->n_raw;
}

/* The encoded form up to the first block: WEFT_CODEC_HEAD_BYTES. */
void _weft_codec_head_fill (uint8_t *bytes, WeftCompression compression, uint64_t n_body);

/* ---- encoding -------------------------------------------------------------------------------- */

typedef struct
{
  WeftBlockWriter out;
  GHashTable *boxes;   /* WeftBox → Shared: those with several holders */
  GHashTable *buffers; /* WeftBuffer → Shared: those that several arrays or bytes look at */
  GHashTable *shapes;  /* WeftRecordShape → number + 1 */
  GHashTable *columns; /* WeftColumn → number + 1 */
  GHashTable *shared_columns; /* WeftColumn: those with several holders when planned */
  GHashTable *forms;          /* WeftForeign → WeftValue, encoded */
  uint32_t n_boxes, n_buffers;
  uint64_t n_unfolded; /* values, as often as they are met */
} WeftEncoder;

/* How often something is met, and its number once it was written. */
typedef struct
{
  uint32_t n_met;
  uint64_t weight;         /* boxes: what is in it, unfolded */
  uint32_t number;         /* WEFT_NONE: not yet */
  uint64_t n_viewed_bytes; /* buffers: what all views of it would take by themselves */
} WeftEncoderShared;

/* Walks through the value: what is shared, what cannot be encoded. FALSE: out.error is set. */
bool _weft_encoder_plan (WeftEncoder *encoder, const WeftValue *value, uint32_t depth);
/* Whether a buffer is written once and viewed, as its views by themselves would take more. */
bool _weft_encoder_is_shared (const WeftEncoderShared *shared, const WeftBuffer *buffer);

void _weft_encoder_node (WeftEncoder *encoder, const WeftValue *value);
void _weft_encoder_table (WeftEncoder *encoder, const WeftTable *table);

void _weft_encoder_u8 (WeftEncoder *encoder, uint8_t u);
void _weft_encoder_u32 (WeftEncoder *encoder, uint32_t u);
void _weft_encoder_u64 (WeftEncoder *encoder, uint64_t u);
/* Length and bytes; NULL is fine. */
void _weft_encoder_text (WeftEncoder *encoder, const char *text);
/* Length and padding of a run; n_bytes follow through _weft_block_writer_put(). */
void _weft_encoder_run_head (WeftEncoder *encoder, uint64_t n_bytes);
void _weft_encoder_run (WeftEncoder *encoder, const void *bytes, uint64_t n_bytes);

/* ---- decoding -------------------------------------------------------------------------------- */

typedef struct
{
  WeftBlockReader in;
  WeftAccount *account;              /* (nullable) */
  const WeftForeignClasses *classes; /* (nullable) */
  uint64_t max_bytes;                /* most the value may take; 0: no limit */
  uint64_t n_bytes;                  /* taken so far */
  uint32_t depth;
  uint64_t n_unfolded;
  GPtrArray *boxes;   /* a reference each */
  GArray *weights;    /* uint64_t: of each box, unfolded */
  GPtrArray *buffers; /* likewise */
  GPtrArray *shapes;  /* likewise */
  GPtrArray *columns; /* likewise */
} WeftDecoder;

bool _weft_decoder_node (WeftDecoder *decoder, WeftValue *value);
bool _weft_decoder_table (WeftDecoder *decoder, WeftValue *value);

/* Before n × item_bytes are allocated: whether they are within the limit. */
bool _weft_decoder_claim (WeftDecoder *decoder, uint64_t n, uint64_t item_bytes);
bool _weft_decoder_no_memory (WeftDecoder *decoder);
/* A count of things that take at least min_bytes each of the body. */
bool _weft_decoder_count (WeftDecoder *decoder, const char *what, uint64_t n, uint64_t min_bytes);

bool _weft_decoder_u8 (WeftDecoder *decoder, uint8_t *u);
bool _weft_decoder_u32 (WeftDecoder *decoder, uint32_t *u);
bool _weft_decoder_u64 (WeftDecoder *decoder, uint64_t *u);
bool _weft_decoder_i64 (WeftDecoder *decoder, int64_t *i);
/* Text from malloc, without zeros; *text NULL where that was written. utf8: it must be that. */
bool _weft_decoder_text (WeftDecoder *decoder, bool utf8, char **text);
/* Length, against what is left, and padding. */
bool _weft_decoder_run_head (WeftDecoder *decoder, uint64_t *n_bytes);
/* A run into a buffer of its own. (transfer full) */
bool _weft_decoder_run_buffer (WeftDecoder *decoder, WeftBuffer **buffer);
