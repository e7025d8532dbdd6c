/* read-native-values.c: values and references in native graph files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What read-native.c's essay says of objects in arguments.
 */
#include "config.h"

#include "graph/weft-read-native-private.h"

#include <math.h>
#include <string.h>

#define BASE64_EXPECTED "base64 text"

static const char *const reference_names[] = { "ref", "output", NULL };

enum
{
  SPECIAL_LITERAL,
  SPECIAL_FLOAT,
  SPECIAL_BYTES,
  SPECIAL_ENCODED,
  SPECIAL_MAP,
  SPECIAL_TAGGED,
  SPECIAL_PATH,
  SPECIAL_IMPORT
};

static const char *const special_names[] = { "$literal", "$float", "$bytes",  "$encoded", "$map",
                                             "$tagged",  "$path",  "$import", NULL };

/* ---- small things ---------------------------------------------------------------------------- */

void
_weft_native_set_place (WeftNativeReader *reader)
{
  weft_graph_builder_set_location (reader->builder, &reader->json.where);
}

/* The next token, a text that can be 0-terminated. */
bool
_weft_native_expect_text (WeftNativeReader *reader, const char *what)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_STRING, what))
    return false;
  if (memchr (json->chars, 0, json->n_chars) == NULL)
    return true;
  return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                          "found a zero byte (\\u0000), expected %s without one", what);
}

bool
_weft_native_expect_string_id (WeftNativeReader *reader, const char *what, uint32_t *id)
{
  if (!_weft_native_expect_text (reader, what))
    return false;
  *id = _weft_graph_builder_string_n (reader->builder, reader->json.chars, reader->json.n_chars);
  return true;
}

bool
_weft_native_expect_seconds (WeftNativeReader *reader, const char *what, int64_t *ns)
{
  double seconds;

  if (!_weft_json_expect_number (&reader->json, 0, MAX_SECONDS, what, &seconds))
    return false;
  *ns = llround (seconds * 1e9);
  return true;
}

/* The text of the object that comes next. (transfer full) (nullable) */
char *
_weft_native_read_metadata (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  WeftJsonMark mark;
  const char *text;
  size_t n;

  _weft_json_mark (json, &mark);
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object of metadata"))
    return NULL;
  _weft_json_rewind (json, &mark);
  return _weft_json_raw (json, &text, &n) ? g_strndup (text, n) : NULL;
}

/* ---- references ------------------------------------------------------------------------------ */

/* The STRING just read, as the key of another task. */
bool
_weft_native_mention (WeftNativeReader *reader, uint32_t *task)
{
  g_autofree char *quoted = NULL;

  _weft_native_set_place (reader);
  *task = weft_graph_builder_mention (reader->builder, reader->json.chars,
                                      (gssize) reader->json.n_chars);
  if (*task != reader->task.id)
    return true;
  quoted = _weft_quote (reader->json.chars, reader->json.n_chars);
  return _weft_json_fail (&reader->json, WEFT_GRAPH_ERROR_SELF,
                          "found a reference of the task %s to itself, expected another task's key",
                          quoted);
}

static bool
expect_reference_key (WeftNativeReader *reader, uint32_t *task)
{
  return _weft_native_expect_text (reader, "the key of a task")
         && _weft_native_mention (reader, task);
}

static bool
expect_output_number (WeftNativeReader *reader, uint32_t *output)
{
  int64_t number;

  if (!_weft_json_expect_int64 (&reader->json, 0, MAX_OUTPUT, "the number of an output", &number))
    return false;
  *output = (uint32_t) number;
  return true;
}

/* The members of a reference whose first NAME was just read, up to its end. */
bool
_weft_native_read_reference (WeftNativeReader *reader, WeftTaskOutput *reference)
{
  WeftJson *json = &reader->json;
  uint64_t seen = 0;

  *reference = (WeftTaskOutput){ WEFT_NONE, 0 };
  do
    {
      int member = _weft_json_member (json, reference_names, &seen);

      if (member < 0)
        return _weft_json_unknown_member (
            json, reference_names, "a reference (a record as it stands is {\"$literal\": {…}})");
      if (member == 0 ? !expect_reference_key (reader, &reference->task)
                      : !expect_output_number (reader, &reference->output))
        return false;
    }
  while (_weft_json_next_name (json));
  if (json->error == NULL && reference->task == WEFT_NONE)
    return _weft_json_unexpected (json, "the member “ref” of a reference");
  return json->error == NULL;
}

static bool
add_reference (WeftNativeReader *reader)
{
  WeftTaskOutput reference;

  if (!_weft_native_read_reference (reader, &reference))
    return false;
  weft_graph_builder_arg_slot (
      reader->builder, _weft_input_set_add (&reader->inputs, reference.task, reference.output));
  return true;
}

/* After the NAME “output”, which may belong to a record as well: does “ref” follow? */
static bool
is_reference_by_output (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  WeftJsonMark mark;
  bool is_reference;

  _weft_json_mark (json, &mark);
  is_reference =
      _weft_json_skip (json) && _weft_json_next_name (json) && _weft_json_is (json, "ref");
  _weft_json_rewind (json, &mark);
  json->chars = "output";
  json->n_chars = strlen (json->chars);
  return is_reference;
}

/* The builder makes another import of each call, so each is made once. */
static uint32_t
find_import (WeftNativeReader *reader, const char *key, uint32_t output)
{
  g_autofree char *name = g_strdup_printf ("%u %s", output, key);
  void *found;
  uint32_t id;

  if (reader->imports == NULL)
    reader->imports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_lookup_extended (reader->imports, name, NULL, &found))
    return GPOINTER_TO_UINT (found);
  id = weft_graph_builder_import (reader->builder, key, output);
  g_hash_table_insert (reader->imports, g_steal_pointer (&name), GUINT_TO_POINTER (id));
  return id;
}

/* A key, or a key and the number of an output in an array. */
static bool
read_import (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  const char *what = "the key of a task of an earlier segment, or an array of it and an output";
  bool numbered = _weft_json_next (json) == WEFT_JSON_BEGIN_ARRAY;
  g_autofree char *key = NULL;
  uint32_t output = 0;

  if (numbered)
    _weft_json_next (json);
  if (json->token != WEFT_JSON_STRING || json->n_chars == 0
      || memchr (json->chars, '\0', json->n_chars) != NULL)
    return _weft_json_unexpected (json, what);
  key = g_strndup (json->chars, json->n_chars);
  if (numbered
      && (!expect_output_number (reader, &output)
          || !_weft_json_expect (json, WEFT_JSON_END_ARRAY, "“]” after an output's number")))
    return false;
  weft_graph_builder_arg_slot (
      reader->builder, _weft_input_set_add (&reader->inputs, find_import (reader, key, output), 0));
  return true;
}

/* ---- special records ------------------------------------------------------------------------- */

static bool
expect_end (WeftNativeReader *reader, WeftJsonToken token, const char *what)
{
  return _weft_json_expect (&reader->json, token, what);
}

/* Members as they stand, up to the record's end. */
static bool
read_literal (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "a record"))
    return false;
  weft_graph_builder_arg_begin_record (reader->builder);
  while (_weft_json_next_name (json))
    {
      weft_graph_builder_arg_name (reader->builder, json->chars, (gssize) json->n_chars);
      if (!_weft_native_read_value (reader))
        return false;
    }
  _weft_native_set_place (reader);
  weft_graph_builder_arg_end (reader->builder);
  return json->error == NULL;
}

static bool
read_special_float (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  const char *what = "“nan”, “inf” or “-inf”";

  if (!_weft_json_expect (json, WEFT_JSON_STRING, what))
    return false;
  if (_weft_json_is (json, "nan"))
    weft_graph_builder_arg_float64 (reader->builder, NAN);
  else if (_weft_json_is (json, "inf"))
    weft_graph_builder_arg_float64 (reader->builder, INFINITY);
  else if (_weft_json_is (json, "-inf"))
    weft_graph_builder_arg_float64 (reader->builder, -INFINITY);
  else
    return _weft_json_unexpected (json, what);
  return true;
}

/* Strict: the alphabet of RFC 4648 section 4, padded. */
static bool
is_base64 (const char *chars, size_t n)
{
  size_t n_padding = 0;

  while (n_padding < 2 && n_padding < n && chars[n - 1 - n_padding] == '=')
    n_padding++;
  for (size_t i = 0; i < n - n_padding; i++)
    if (!g_ascii_isalnum (chars[i]) && chars[i] != '+' && chars[i] != '/')
      return false;
  return n % 4 == 0;
}

static bool
read_special_bytes (WeftNativeReader *reader, bool encoded)
{
  WeftJson *json = &reader->json;
  g_autofree guchar *bytes = NULL;
  g_autofree char *text = NULL;
  gsize n = 0;

  if (!_weft_json_expect (json, WEFT_JSON_STRING, BASE64_EXPECTED))
    return false;
  if (!is_base64 (json->chars, json->n_chars))
    return _weft_json_unexpected (json, BASE64_EXPECTED);
  text = g_strndup (json->chars, json->n_chars);
  bytes = g_base64_decode (text, &n);
  if (encoded)
    weft_graph_builder_arg_encoded (reader->builder, bytes, n);
  else
    weft_graph_builder_arg_bytes (reader->builder, bytes, n);
  return true;
}

static bool
read_special_map (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of pairs"))
    return false;
  weft_graph_builder_arg_begin_map (reader->builder);
  while (_weft_json_next_item (json))
    {
      if (json->token != WEFT_JSON_BEGIN_ARRAY)
        return _weft_json_unexpected (json, "a pair: [key, value]");
      if (!_weft_native_read_value (reader) || !_weft_native_read_value (reader)
          || !expect_end (reader, WEFT_JSON_END_ARRAY, "“]” after the key and the value of a pair"))
        return false;
    }
  weft_graph_builder_arg_end (reader->builder);
  return json->error == NULL;
}

static bool
read_special_tagged (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  g_autofree char *tag = NULL;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "a tag and a value: [tag, value]")
      || !_weft_native_expect_text (reader, "a tag"))
    return false;
  tag = g_strndup (json->chars, json->n_chars);
  weft_graph_builder_arg_tag (reader->builder, tag);
  return _weft_native_read_value (reader)
         && expect_end (reader, WEFT_JSON_END_ARRAY, "“]” after the tag and its value");
}

/* From the folder of the graph's file, not from where the program happens to be. Absolute, so that
 * a task is the same by whatever name the file was opened. */
static bool
read_special_path (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;
  g_autofree char *folder = g_path_get_dirname (json->where.file);
  g_autofree char *whole = g_canonicalize_filename (folder, NULL);
  g_autofree char *text = NULL;
  g_autofree char *path = NULL;

  if (!_weft_native_expect_text (reader, "a path"))
    return false;
  if (json->n_chars == 0)
    return _weft_json_unexpected (json, "a path");
  text = g_strndup (json->chars, json->n_chars);
  path = g_canonicalize_filename (text, whole);
  if (!g_utf8_validate (path, -1, NULL))
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_UTF8,
                            "found a path in a folder whose name is not valid UTF-8, expected a "
                            "graph file in another");
  weft_graph_builder_arg_string (reader->builder, path, -1);
  return true;
}

static bool
read_special_value (WeftNativeReader *reader, int special)
{
  switch (special)
    {
    case SPECIAL_LITERAL:
      return read_literal (reader);
    case SPECIAL_FLOAT:
      return read_special_float (reader);
    case SPECIAL_BYTES:
    case SPECIAL_ENCODED:
      return read_special_bytes (reader, special == SPECIAL_ENCODED);
    case SPECIAL_MAP:
      return read_special_map (reader);
    case SPECIAL_PATH:
      return read_special_path (reader);
    case SPECIAL_IMPORT:
      return read_import (reader);
    default:
      return read_special_tagged (reader);
    }
}

/* A record whose first NAME, just read, begins with “$”. */
static bool
read_special (WeftNativeReader *reader)
{
  uint64_t seen = 0;
  int special = _weft_json_member (&reader->json, special_names, &seen);

  if (special < 0)
    return _weft_json_unknown_member (
        &reader->json, special_names,
        "a special record (a record as it stands is {\"$literal\": {…}})");
  return read_special_value (reader, special)
         && expect_end (reader, WEFT_JSON_END_OBJECT, "“}” after the only member");
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A name that makes its record something else may not stand among others. */
static bool
check_record_name (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_is (json, "ref") && (json->n_chars == 0 || json->chars[0] != '$'))
    return true;
  return _weft_json_unexpected (
      json, "the name of a record's member; a record with a member “ref” or “$…” is written "
            "{\"$literal\": {…}}");
}

/* The members of a record whose first NAME was just read. */
static bool
read_members (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  weft_graph_builder_arg_begin_record (reader->builder);
  do
    {
      if (!check_record_name (reader))
        return false;
      weft_graph_builder_arg_name (reader->builder, json->chars, (gssize) json->n_chars);
      if (!_weft_native_read_value (reader))
        return false;
    }
  while (_weft_json_next_name (json));
  _weft_native_set_place (reader);
  weft_graph_builder_arg_end (reader->builder);
  return json->error == NULL;
}

/* After “{”. */
static bool
read_record (WeftNativeReader *reader)
{
  WeftJson *json = &reader->json;

  if (!_weft_json_next_name (json))
    {
      weft_graph_builder_arg_begin_record (reader->builder);
      weft_graph_builder_arg_end (reader->builder);
      return json->error == NULL;
    }
  if (_weft_json_is (json, "ref")
      || (_weft_json_is (json, "output") && is_reference_by_output (reader)))
    return add_reference (reader);
  if (json->n_chars > 0 && json->chars[0] == '$')
    return read_special (reader);
  return read_members (reader);
}

/* The value that begins with the token just read. */
bool
_weft_native_read_this_value (WeftNativeReader *reader)
{
  WeftGraphBuilder *builder = reader->builder;
  WeftJson *json = &reader->json;

  switch (json->token)
    {
    case WEFT_JSON_BEGIN_OBJECT:
      return read_record (reader);
    case WEFT_JSON_BEGIN_ARRAY:
      weft_graph_builder_arg_begin_list (builder);
      while (_weft_json_next_item (json) && _weft_native_read_this_value (reader))
        ;
      weft_graph_builder_arg_end (builder);
      return json->error == NULL;
    case WEFT_JSON_STRING:
      weft_graph_builder_arg_string (builder, json->chars, (gssize) json->n_chars);
      return true;
    case WEFT_JSON_INT64:
      weft_graph_builder_arg_int64 (builder, json->i);
      return true;
    case WEFT_JSON_FLOAT64:
      weft_graph_builder_arg_float64 (builder, json->f);
      return true;
    case WEFT_JSON_NULL:
      weft_graph_builder_arg_none (builder);
      return true;
    case WEFT_JSON_TRUE:
    case WEFT_JSON_FALSE:
      weft_graph_builder_arg_bool (builder, json->token == WEFT_JSON_TRUE);
      return true;
    default:
      return _weft_json_unexpected (json, "a value");
    }
}

bool
_weft_native_read_value (WeftNativeReader *reader)
{
  return _weft_json_next (&reader->json) != WEFT_JSON_ERROR
         && _weft_native_read_this_value (reader);
}
