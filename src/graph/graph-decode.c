/* graph-decode.c: a graph segment from compact bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Everything goes through a builder, which checks what it is given; here are checked the bytes
 * themselves: lengths, counts, and numbers that refer to something before them. What memory is
 * allocated for is bounded by the bytes at hand: each thing counted takes at least one of them.
 */
#include "config.h"

#include "graph/weft-graph-decode-private.h"
#include "graph/weft-graph-private.h"

#include <inttypes.h>
#include <string.h>

/* ---- summary and strings --------------------------------------------------------------------- */

static bool
decode_summary (WeftGraphDecoder *decoder, WeftIn *in)
{
  g_autofree char *name = NULL, *metadata = NULL;
  uint32_t n_groups;

  _weft_in_u32 (in);    /* tasks */
  _weft_in_u32 (in);    /* imports */
  _weft_in_varint (in); /* edges */
  name = _weft_in_string (in);
  metadata = _weft_in_optional (in);
  n_groups = _weft_in_count (in);
  g_array_set_size (decoder->groups, 0);
  for (uint32_t g = 0; g < n_groups && !in->failed; g++)
    {
      g_autofree char *group = _weft_in_string (in);
      uint32_t string = weft_graph_builder_string (decoder->builder, group);

      g_array_append_val (decoder->groups, string);
      _weft_in_u32 (in);
    }
  if (in->failed)
    return true;
  weft_graph_builder_set_name (decoder->builder, name);
  if (metadata != NULL)
    weft_graph_builder_set_metadata (decoder->builder, metadata);
  decoder->summarised = true;
  return true;
}

static bool
decode_strings (WeftGraphDecoder *decoder, WeftIn *in)
{
  uint32_t n = _weft_in_count (in);

  for (uint32_t i = 0; i < n && !in->failed; i++)
    g_ptr_array_add (decoder->strings, _weft_in_string (in));
  return true;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static bool
decode_pattern (WeftGraphDecoder *decoder, WeftIn *in)
{
  size_t n_prefix, n_suffix;
  uint8_t width = _weft_in_u8 (in);
  const char *prefix = _weft_in_text (in, &n_prefix), *suffix = _weft_in_text (in, &n_suffix);
  KnownPattern *known;
  char *text;

  if (in->failed)
    return true;
  if ((width > WEFT_KEY_MAX_DIGITS && width != WEFT_KEY_PLAIN) || n_suffix > UINT8_MAX)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT, "key pattern of width %u", width);
  known = g_malloc (sizeof *known + n_prefix + n_suffix + 2);
  text = (char *) (known + 1);
  memcpy (text, prefix, n_prefix);
  text[n_prefix] = 0;
  memcpy (text + n_prefix + 1, suffix, n_suffix);
  text[n_prefix + 1 + n_suffix] = 0;
  known->parts = (WeftKeyParts){ .prefix = text,
                                 .n_prefix = n_prefix,
                                 .suffix = text + n_prefix + 1,
                                 .n_suffix = n_suffix,
                                 .width = width };
  /* the mistake in a text with a zero in it is found when the key is written */
  known->builder =
      width == 0 && strlen (text) == n_prefix && strlen (known->parts.suffix) == n_suffix
          ? weft_graph_builder_key_pattern (decoder->builder, text, known->parts.suffix)
          : WEFT_NONE;
  g_ptr_array_add (decoder->patterns, known);
  return true;
}

static void
attributes_free (void *data)
{
  WeftTaskAttributes *attributes = data;

  g_free (attributes->resources);
  g_free (attributes->metadata);
  g_free (attributes);
}

static bool
decode_attributes (WeftGraphDecoder *decoder, WeftIn *in)
{
  WeftTaskAttributes *attributes = g_new0 (WeftTaskAttributes, 1);
  const char *label, *name;
  uint32_t n;

  g_ptr_array_add (decoder->attributes, attributes);
  attributes->priority = (int32_t) _weft_unzigzag (_weft_in_varint (in));
  attributes->retries = _weft_in_u32 (in);
  attributes->retry_delay_ns = _weft_unzigzag (_weft_in_varint (in));
  attributes->timeout_ns = _weft_unzigzag (_weft_in_varint (in));
  label = _weft_in_known_string (decoder, in);
  attributes->label =
      label != NULL ? weft_graph_builder_string (decoder->builder, label) : WEFT_NONE;
  n = _weft_in_count (in);
  attributes->resources = g_new0 (WeftResourceNeed, n);
  for (; attributes->n_resources < n && !in->failed; attributes->n_resources++)
    {
      WeftResourceNeed *need = &attributes->resources[attributes->n_resources];

      name = _weft_in_known_string (decoder, in);
      need->name = weft_graph_builder_string (decoder->builder, name != NULL ? name : "");
      need->amount = _weft_in_f64 (in);
    }
  attributes->metadata = _weft_in_optional (in);
  return true;
}

static bool
decode_import (WeftGraphDecoder *decoder, WeftIn *in)
{
  WeftGraphBuilder *builder = decoder->builder;
  uint8_t kind = _weft_in_u8 (in);
  const char *key = kind == WEFT_IMPORT_KEY ? _weft_in_known_string (decoder, in) : NULL;
  uint32_t segment = kind == WEFT_IMPORT_TASK ? _weft_in_u32 (in) : 0;
  uint32_t task = kind == WEFT_IMPORT_TASK ? _weft_in_u32 (in) : 0;
  uint32_t output = kind != WEFT_IMPORT_VALUE ? _weft_in_u32 (in) : 0;
  uint32_t id;

  if (in->failed)
    return true;
  if (kind > WEFT_IMPORT_VALUE || (kind == WEFT_IMPORT_KEY && key == NULL))
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT, "import of kind %u", kind);
  if (kind == WEFT_IMPORT_KEY)
    id = weft_graph_builder_import (builder, key, output);
  else if (kind == WEFT_IMPORT_TASK)
    id = weft_graph_builder_import_task (builder, segment, task, output);
  else
    id = weft_graph_builder_import_value (builder);
  g_array_append_val (decoder->imports, id);
  return true;
}

static bool
decode_wanted (WeftGraphDecoder *decoder, WeftIn *in)
{
  uint32_t task = _weft_in_u32 (in), output = _weft_in_u32 (in);

  if (in->failed)
    return true;
  if (task >= decoder->n_tasks)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_RANGE, "wanted task %u of %u", task,
                              decoder->n_tasks);
  weft_graph_builder_want (decoder->builder, task, output);
  return true;
}

/* Things that must begin where those before ended (n_known; UINT32_MAX: anywhere). */
static bool
decode_list (WeftGraphDecoder *decoder, WeftIn *in, uint32_t n_known,
             bool (*decode_one) (WeftGraphDecoder *decoder, WeftIn *in))
{
  uint32_t first = _weft_in_u32 (in), n = _weft_in_count (in);

  if (!in->failed && n_known != UINT32_MAX && first != n_known)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT, "found number %u, expected %u",
                              first, n_known);
  for (uint32_t i = 0; i < n && !in->failed; i++)
    if (!decode_one (decoder, in))
      return false;
  return true;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static bool
decode_section (WeftGraphDecoder *decoder, uint32_t kind, WeftIn *in)
{
  if (kind != WEFT_SECTION_SUMMARY && kind <= WEFT_SECTION_WANTED && !decoder->summarised)
    return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT, "its summary is missing");
  switch (kind)
    {
    case WEFT_SECTION_SUMMARY:
      return decode_summary (decoder, in);
    case WEFT_SECTION_STRINGS:
      return decode_strings (decoder, in);
    case WEFT_SECTION_CALLS:
      return decode_list (decoder, in, decoder->calls->len, _weft_decode_call);
    case WEFT_SECTION_PATTERNS:
      return decode_list (decoder, in, decoder->patterns->len, decode_pattern);
    case WEFT_SECTION_ATTRIBUTES:
      return decode_list (decoder, in, decoder->attributes->len, decode_attributes);
    case WEFT_SECTION_IMPORTS:
      return decode_list (decoder, in, decoder->imports->len, decode_import);
    case WEFT_SECTION_TASKS:
      return _weft_decode_tasks (decoder, in);
    case WEFT_SECTION_WANTED:
      return decode_list (decoder, in, UINT32_MAX, decode_wanted);
    default:
      return true;
    }
}

static bool
decode_piece (WeftGraphDecoder *decoder, WeftIn *in)
{
  while (_weft_in_left (in) > 0)
    {
      const uint8_t *head = _weft_in_bytes (in, WEFT_SECTION_HEAD_BYTES);
      WeftIn section = { 0 };
      uint32_t words[2] = { 0 };

      if (head != NULL)
        {
          memcpy (words, head, sizeof words);
          section.at = _weft_in_bytes (in, words[1]);
        }
      if (in->failed)
        return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_TRUNCATED, "a section is cut off");
      section.end = section.at + words[1];
      if (!decode_section (decoder, words[0], &section))
        return false;
      if (section.failed)
        return _weft_decode_fail (decoder, WEFT_GRAPH_ERROR_FORMAT,
                                  "section of kind %u: found %" PRIuPTR
                                  " bytes left, expected more, or a "
                                  "smaller number before them",
                                  words[0], _weft_in_left (&section));
    }
  return true;
}

bool
weft_graph_decoder_add (WeftGraphDecoder *decoder, const void *piece, size_t n_bytes,
                        GError **error)
{
  WeftIn in = { piece, (const uint8_t *) piece + n_bytes, false };

  if (decoder->error == NULL && decode_piece (decoder, &in))
    return true;
  if (error != NULL)
    *error = g_error_copy (decoder->error);
  return false;
}

WeftGraph *
weft_graph_decoder_finish (WeftGraphDecoder *decoder, GError **error)
{
  WeftGraph *graph;

  if (decoder->error != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (decoder->error);
      return NULL;
    }
  graph = weft_graph_builder_freeze (decoder->builder, NULL, error);
  if (graph != NULL)
    _weft_keys_pack (&graph->keys, graph->arrays.n_tasks);
  return graph;
}

WeftGraphDecoder *
weft_graph_decoder_new (void)
{
  WeftGraphDecoder *decoder = g_new0 (WeftGraphDecoder, 1);

  decoder->builder = weft_graph_builder_new ();
  decoder->groups = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  decoder->strings = g_ptr_array_new_with_free_func (g_free);
  decoder->calls = g_array_new (FALSE, FALSE, sizeof (KnownCall));
  decoder->patterns = g_ptr_array_new_with_free_func (g_free);
  decoder->attributes = g_ptr_array_new_with_free_func (attributes_free);
  decoder->imports = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  decoder->key = g_byte_array_new ();
  g_byte_array_set_size (decoder->key, 256);
  return decoder;
}

void
weft_graph_decoder_free (WeftGraphDecoder *decoder)
{
  if (decoder == NULL)
    return;
  weft_graph_builder_free (decoder->builder);
  g_clear_error (&decoder->error);
  g_array_unref (decoder->groups);
  g_ptr_array_unref (decoder->strings);
  g_array_unref (decoder->calls);
  g_ptr_array_unref (decoder->patterns);
  g_ptr_array_unref (decoder->attributes);
  g_array_unref (decoder->imports);
  g_byte_array_unref (decoder->key);
  g_free (decoder);
}
