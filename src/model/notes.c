/* notes.c: what a run does not have from its graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Members of META: “notes”, an array of lines, and “replay”, an object of counts. META is the
 * program's own: what is of another form there is no error, and what stands behind it not looked
 * at.
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "model/weft-model-private.h"

static void
read_lines (WeftJson *json, GPtrArray *lines)
{
  _weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array");
  while (_weft_json_next_item (json) && json->token == WEFT_JSON_STRING)
    g_ptr_array_add (lines, g_strndup (json->chars, json->n_chars));
}

static int64_t
read_count (WeftJson *json, int64_t max)
{
  int64_t value = 0;

  return _weft_json_expect_int64 (json, 0, max, "a count", &value) ? value : 0;
}

static void
read_replay (WeftJson *json, WeftModelNotes *notes)
{
  _weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "tasks"))
      notes->n_replayed = (uint32_t) read_count (json, UINT32_MAX);
    else if (_weft_json_is (json, "without_time"))
      notes->n_without_time = (uint32_t) read_count (json, UINT32_MAX);
    else if (_weft_json_is (json, "stand_in_ns"))
      notes->stand_in_ns = read_count (json, INT64_MAX);
    else
      _weft_json_skip (json);
}

void
_weft_model_add_notes (WeftModel *model, const WeftRunText *meta)
{
  GPtrArray *lines = g_ptr_array_new ();
  WeftModelNotes *notes = g_new0 (WeftModelNotes, 1);
  WeftJson json;

  _weft_json_init (&json, meta->chars, meta->n_bytes, "");
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (_weft_json_next_name (&json))
    if (_weft_json_is (&json, "notes"))
      read_lines (&json, lines);
    else if (_weft_json_is (&json, "replay"))
      read_replay (&json, notes);
    else
      _weft_json_skip (&json);
  _weft_json_clear (&json);
  g_ptr_array_add (lines, NULL);
  notes->lines = (char **) g_ptr_array_free (lines, FALSE);
  if ((notes->lines[0] == NULL && notes->n_without_time == 0) || weft_model_notes (model) != NULL)
    _weft_model_free_notes (notes);
  else
    atomic_store_explicit (&model->notes, notes, memory_order_release);
}

void
_weft_model_free_notes (WeftModelNotes *notes)
{
  if (notes != NULL)
    g_strfreev (notes->lines);
  g_free (notes);
}

const WeftModelNotes *
weft_model_notes (const WeftModel *model)
{
  return atomic_load_explicit (&model->notes, memory_order_acquire);
}
