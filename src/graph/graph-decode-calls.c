/* graph-decode-calls.c: calls of a graph segment’s bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-decode-private.h"
static bool decode_arg (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind around, uint32_t depth);

static void
decode_name (WeftGraphDecoder *decoder, WeftIn *in)
{
  size_t n;
  const char *name;

  if (_weft_in_u8 (in) != WEFT_ARG_STRING)
    in->failed = true;
  name = _weft_in_text (in, &n);
  weft_graph_builder_arg_name (decoder->builder, name, (gssize) n);
}

static bool
decode_container (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind kind, uint32_t depth)
{
  WeftGraphBuilder *builder = decoder->builder;
  uint32_t n = _weft_in_count (in);

  if (kind == WEFT_ARG_LIST)
    weft_graph_builder_arg_begin_list (builder);
  else if (kind == WEFT_ARG_RECORD)
    weft_graph_builder_arg_begin_record (builder);
  else
    weft_graph_builder_arg_begin_map (builder);
  for (uint32_t i = 0; i < n && !in->failed; i++)
    {
      if (kind == WEFT_ARG_RECORD)
        decode_name (decoder, in);
      else if (kind == WEFT_ARG_MAP && !decode_arg (decoder, in, kind, depth + 1))
        return false;
      if (!decode_arg (decoder, in, kind, depth + 1))
        return false;
    }
  weft_graph_builder_arg_end (builder);
  return true;
}

static bool
decode_tagged (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind around, uint32_t depth)
{
  g_autofree char *tag = NULL;

  if (_weft_in_u8 (in) != WEFT_ARG_STRING)
    in->failed = true;
  tag = _weft_in_string (in);
  if (in->failed)
    return true;
  weft_graph_builder_arg_tag (decoder->builder, tag);
  return decode_arg (decoder, in, around, depth + 1);
}

/* An object of the process that wrote it: only its place is known. */
static void
decode_constant (WeftGraphDecoder *decoder, WeftIn *in)
{
  weft_graph_builder_arg_tag (decoder->builder, "constant");
  weft_graph_builder_arg_int64 (decoder->builder, _weft_in_u32 (in));
}

static void
decode_text_arg (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind kind)
{
  WeftGraphBuilder *builder = decoder->builder;
  size_t n;
  const char *text = _weft_in_text (in, &n);

  if (kind == WEFT_ARG_STRING)
    weft_graph_builder_arg_string (builder, text, (gssize) n);
  else if (kind == WEFT_ARG_BYTES)
    weft_graph_builder_arg_bytes (builder, text, n);
  else
    weft_graph_builder_arg_encoded (builder, text, n);
}

/* A run is one value of a list. Elsewhere it would be as many values as it says, and is not
 * written. */
static bool
decode_slots (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind around)
{
  uint32_t first = _weft_in_u32 (in), n = _weft_in_u32 (in);

  if (in->failed)
    return true;
  if (around != WEFT_ARG_LIST)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT,
                              "a run of %u inputs outside of a list", n);
  weft_graph_builder_arg_slots (decoder->builder, first, n);
  return true;
}

/* @around: kind of the container it stands in, or NONE; @depth: how many are around it */
static bool
decode_arg (WeftGraphDecoder *decoder, WeftIn *in, WeftArgKind around, uint32_t depth)
{
  WeftGraphBuilder *builder = decoder->builder;
  uint8_t kind = _weft_in_u8 (in);

  if (in->failed)
    return true;
  if (depth > WEFT_GRAPH_MAX_DEPTH)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_DEPTH, "arguments nested deeper than %d",
                              WEFT_GRAPH_MAX_DEPTH);
  switch (kind)
    {
    case WEFT_ARG_NONE:
      weft_graph_builder_arg_none (builder);
      return true;
    case WEFT_ARG_BOOL:
      weft_graph_builder_arg_bool (builder, _weft_in_u8 (in) != 0);
      return true;
    case WEFT_ARG_INT64:
      weft_graph_builder_arg_int64 (builder, _weft_unzigzag (_weft_in_varint (in)));
      return true;
    case WEFT_ARG_FLOAT64:
      weft_graph_builder_arg_float64 (builder, _weft_in_f64 (in));
      return true;
    case WEFT_ARG_STRING:
    case WEFT_ARG_BYTES:
    case WEFT_ARG_ENCODED:
      decode_text_arg (decoder, in, kind);
      return true;
    case WEFT_ARG_LIST:
    case WEFT_ARG_RECORD:
    case WEFT_ARG_MAP:
      return decode_container (decoder, in, kind, depth);
    case WEFT_ARG_SLOT:
      decoder->next_slot = _weft_in_u32 (in);
      weft_graph_builder_arg_slot (builder, decoder->next_slot++);
      return true;
    case WEFT_ARG_NEXT_SLOT:
      weft_graph_builder_arg_slot (builder, decoder->next_slot++);
      return true;
    case WEFT_ARG_SLOTS:
      return decode_slots (decoder, in, around);
    case WEFT_ARG_CONSTANT:
      decode_constant (decoder, in);
      return true;
    case WEFT_ARG_TAGGED:
      return decode_tagged (decoder, in, around, depth);
    default:
      return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_VERSION, "argument of unknown kind %u",
                                kind);
    }
}

bool
_weft_decode_call (WeftGraphDecoder *decoder, WeftIn *in)
{
  g_autofree char *op = _weft_in_optional (in);
  uint32_t op_version = _weft_in_u32 (in);
  KnownCall known = { 0 };
  WeftLocation place = { 0 };
  uint32_t n_args, n_kwargs;

  decoder->next_slot = 0;
  known.n_outputs = _weft_in_u32 (in);
  place.line = _weft_in_u32 (in);
  place.column = _weft_in_u32 (in);
  n_args = _weft_in_count (in);
  n_kwargs = _weft_in_count (in);
  if (in->failed)
    return true;
  if (place.line != 0)
    weft_graph_builder_set_location (decoder->builder, &place);
  weft_graph_builder_begin_call (decoder->builder, op, op_version, known.n_outputs);
  for (uint32_t i = 0; i < n_args && !in->failed; i++)
    if (!decode_arg (decoder, in, WEFT_ARG_NONE, 0))
      return false;
  if (n_kwargs > 0)
    weft_graph_builder_begin_kwargs (decoder->builder);
  for (uint32_t i = 0; i < n_kwargs && !in->failed; i++)
    {
      decode_name (decoder, in);
      if (!decode_arg (decoder, in, WEFT_ARG_NONE, 0))
        return false;
    }
  known.call = weft_graph_builder_end_call (decoder->builder);
  g_array_append_val (decoder->calls, known);
  return true;
}
