/* weft-graph-decode-private.h: the parts of a decoder of graph segments
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-codec-private.h"
#include "graph/weft-keys-private.h"

typedef struct
{
  const uint8_t *at, *end;
  bool failed; /* the bytes end too early, or a number is too large */
} WeftIn;

typedef struct
{
  uint32_t call; /* the builder's number */
  uint32_t n_outputs;
} KnownCall;

/* The texts stand behind it. */
typedef struct
{
  WeftKeyParts parts;
  uint32_t builder; /* the builder's number, or WEFT_NONE where it makes no such keys */
} KnownPattern;

struct _WeftGraphDecoder
{
  WeftGraphBuilder *builder;
  GError *error;
  bool summarised;
  uint32_t n_tasks;
  uint32_t next_slot; /* the input after the last that stood in the call */
  GArray *groups;     /* string ids of the builder */
  GPtrArray *strings;
  GArray *calls;         /* KnownCall */
  GPtrArray *patterns;   /* KnownPattern */
  GPtrArray *attributes; /* WeftTaskAttributes */
  GArray *imports;       /* builder ids */
  GByteArray *key;
};

bool _weft_decode_fail (WeftGraphDecoder *decoder, WeftGraphError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Each takes something off the front. Where the bytes end too early, or a number is out of range,
 * `failed` is set and the answer is 0, "" or NULL from then on. */
size_t _weft_in_left (const WeftIn *in);
const uint8_t *_weft_in_bytes (WeftIn *in, size_t n);
uint8_t _weft_in_u8 (WeftIn *in);
uint64_t _weft_in_varint (WeftIn *in);
uint32_t _weft_in_u32 (WeftIn *in);
double _weft_in_f64 (WeftIn *in);
/* Length, bytes; not 0-terminated. */
const char *_weft_in_text (WeftIn *in, size_t *n);
/* (transfer full) */
char *_weft_in_string (WeftIn *in);
/* Length + 1, bytes. (transfer full) (nullable) */
char *_weft_in_optional (WeftIn *in);
/* A count of things that take a byte each at least. */
uint32_t _weft_in_count (WeftIn *in);
/* A string by number + 1. Returns: (nullable): NULL for 0, and when there is none of that number */
const char *_weft_in_known_string (WeftGraphDecoder *decoder, WeftIn *in);

/* FALSE with decoder->error; what in->failed tells is left to the caller. */
bool _weft_decode_call (WeftGraphDecoder *decoder, WeftIn *in);
bool _weft_decode_tasks (WeftGraphDecoder *decoder, WeftIn *in);
