/* test-json.c: the JSON scanner: tokens, places, marks, and agreement with Python's parser
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "test-support.h"

#include <string.h>

/* The scanner over a copy of its exact size. */
typedef struct
{
  WeftJson json;
  char *bytes;
} Scan;

static void
scan_init (Scan *scan, const char *text, gssize n)
{
  size_t n_bytes = n >= 0 ? (size_t) n : strlen (text);

  scan->bytes = g_memdup2 (text, n_bytes);
  _weft_json_init (&scan->json, scan->bytes, n_bytes, "f");
}

static void
scan_clear (Scan *scan)
{
  _weft_json_clear (&scan->json);
  g_free (scan->bytes);
}

static void
append_hex (GString *out, const void *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++)
    g_string_append_printf (out, "%02x", ((const guint8 *) bytes)[i]);
}

static void
append_token (GString *out, const WeftJson *json)
{
  static const char *const names[] = {
    [WEFT_JSON_BEGIN_OBJECT] = "{", [WEFT_JSON_END_OBJECT] = "}", [WEFT_JSON_BEGIN_ARRAY] = "[",
    [WEFT_JSON_END_ARRAY] = "]",    [WEFT_JSON_NAME] = "n",       [WEFT_JSON_STRING] = "s",
    [WEFT_JSON_INT64] = "i",        [WEFT_JSON_FLOAT64] = "f",    [WEFT_JSON_TRUE] = "true",
    [WEFT_JSON_FALSE] = "false",    [WEFT_JSON_NULL] = "null"
  };
  guint64 bits;

  g_string_append_printf (out, "%s%s", out->len > 0 ? " " : "", names[json->token]);
  if (json->token == WEFT_JSON_NAME || json->token == WEFT_JSON_STRING)
    append_hex (out, json->chars, json->n_chars);
  else if (json->token == WEFT_JSON_INT64)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json->i);
  else if (json->token == WEFT_JSON_FLOAT64)
    {
      memcpy (&bits, &json->f, sizeof bits);
      bits = GUINT64_TO_BE (bits);
      append_hex (out, &bits, sizeof bits);
    }
}

/* All tokens as json_tokens.py writes them, or “bad”. (transfer full) */
static char *
tokens_of (const char *text, gssize n)
{
  GString *out = g_string_new (NULL);
  Scan scan;

  scan_init (&scan, text, n);
  while (_weft_json_next (&scan.json) != WEFT_JSON_END && scan.json.token != WEFT_JSON_ERROR)
    append_token (out, &scan.json);
  if (scan.json.token == WEFT_JSON_ERROR)
    {
      g_assert_nonnull (scan.json.error);
      g_string_assign (out, "bad");
    }
  scan_clear (&scan);
  return g_string_free (out, FALSE);
}

/* ---- random documents ------------------------------------------------------------------------ */

static const char *const number_pieces[] = { "0",
                                             "-0",
                                             "1",
                                             "-1",
                                             "12345678901234567",
                                             "9223372036854775807",
                                             "-9223372036854775808",
                                             "9223372036854775808",
                                             "0.1",
                                             "1.5e3",
                                             "-2.5E-3",
                                             "1e22",
                                             "1e23",
                                             "123456789012345678e-20",
                                             "4.9e-324",
                                             "2e-324",
                                             "1.7976931348623157e308",
                                             "1.8e308",
                                             "0.30000000000000004",
                                             "9007199254740993.0",
                                             "1e+05",
                                             "0e0",
                                             "0.0000001",
                                             "99999999999999999999.0" };
static const char *const string_pieces[] = {
  "a",       "key", "\\n", "\\\"", "\\\\", "\\/", "\\u0041",  "\\u00e9",          "\\ud83d\\ude00",
  "\\u0000", "é",   "€",   "😀",    "\x7f", " ",   "12345678", "abcdefghijklmnop", "\\b\\f\\r\\t"
};

static void
append_space (GString *text)
{
  static const char *const spaces[] = { "", "", " ", "\n", "\t ", "\r\n" };

  g_string_append (text, spaces[g_test_rand_int_range (0, G_N_ELEMENTS (spaces))]);
}

static void
append_string (GString *text)
{
  g_string_append_c (text, '"');
  for (int i = g_test_rand_int_range (0, 5); i > 0; i--)
    g_string_append (text, string_pieces[g_test_rand_int_range (0, G_N_ELEMENTS (string_pieces))]);
  g_string_append_c (text, '"');
}

static void
append_number (GString *text)
{
  if (g_test_rand_bit ())
    g_string_append (text, number_pieces[g_test_rand_int_range (0, G_N_ELEMENTS (number_pieces))]);
  else
    g_string_append_printf (text, "%d.%de%d", g_test_rand_int (), g_test_rand_int () & 0xffffff,
                            g_test_rand_int_range (-320, 300));
}

static void append_value (GString *text, int depth);

static void
append_members (GString *text, bool object, int depth)
{
  g_string_append_c (text, object ? '{' : '[');
  for (int i = 0, n = g_test_rand_int_range (0, 4); i < n; i++)
    {
      g_string_append (text, i > 0 ? "," : "");
      append_space (text);
      if (object)
        {
          append_string (text);
          append_space (text);
          g_string_append_c (text, ':');
        }
      append_value (text, depth + 1);
    }
  append_space (text);
  g_string_append_c (text, object ? '}' : ']');
}

static void
append_value (GString *text, int depth)
{
  append_space (text);
  switch (g_test_rand_int_range (0, depth < 6 ? 9 : 5))
    {
    case 0:
      g_string_append (text, "true");
      break;
    case 1:
      g_string_append (text, g_test_rand_bit () ? "false" : "null");
      break;
    case 2:
      append_string (text);
      break;
    case 3:
    case 4:
      append_number (text);
      break;
    default:
      append_members (text, g_test_rand_bit (), depth);
    }
  append_space (text);
}

/* A byte more, less or other. */
static void
mutate (GString *text)
{
  static const char bytes[] = "{}[]:,\"\\0123456789eE+-.utfn \n\x01\x7f\x80\xc0\xe2\xed\xf4\xff";
  char byte = bytes[g_test_rand_int_range (0, sizeof bytes - 1)];
  gssize at = g_test_rand_int_range (0, (gint32) text->len + 1);

  switch (g_test_rand_int_range (0, 3))
    {
    case 0:
      g_string_insert_c (text, at, byte);
      break;
    case 1:
      g_string_truncate (text, (gsize) at);
      break;
    default:
      if ((gsize) at < text->len)
        text->str[at] = byte;
    }
}

static char *
ask_python (const char *documents)
{
  g_autofree char *script = test_source_path ("graph/json_tokens.py");
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *in = test_dir_write (dir, "documents", documents);
  g_autofree char *command = g_strdup_printf ("/usr/bin/python3 '%s' <'%s'", script, in);
  char *argv[] = { (char *) "/bin/sh", (char *) "-c", command, NULL };
  g_autoptr (GError) error = NULL;
  char *out = NULL;
  int status;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return out;
}

static void
test_agrees_with_python (void)
{
  enum
  {
    N = 4000
  };
  g_autoptr (GString) documents = g_string_new (NULL);
  g_autoptr (GPtrArray) own = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *answer = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) asked = NULL;
  int n_bad = 0;

  for (int i = 0; i < N; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      append_value (text, 0);
      if (i % 2 != 0)
        mutate (text);
      append_hex (documents, text->str, text->len);
      g_string_append_c (documents, '\n');
      g_ptr_array_add (own, tokens_of (text->str, (gssize) text->len));
    }
  answer = ask_python (documents->str);
  lines = g_strsplit (answer, "\n", -1);
  asked = g_strsplit (documents->str, "\n", -1);
  for (int i = 0; i < N; i++)
    {
      if (g_strcmp0 (lines[i], g_ptr_array_index (own, i)) != 0)
        g_test_message ("document %s", asked[i]);
      g_assert_cmpstr (lines[i], ==, g_ptr_array_index (own, i));
      n_bad += strcmp (lines[i], "bad") == 0;
    }
  g_assert_cmpint (n_bad, >, N / 20);
  g_assert_cmpint (n_bad, <, N * 3 / 4);
}

/* ---- places and marks ------------------------------------------------------------------------ */

static void
assert_place (Scan *scan, WeftJsonToken token, uint32_t line, uint32_t column, uint64_t offset)
{
  g_assert_cmpint (_weft_json_next (&scan->json), ==, token);
  g_assert_cmpuint (scan->json.where.line, ==, line);
  g_assert_cmpuint (scan->json.where.column, ==, column);
  g_assert_cmpuint (scan->json.where.offset, ==, offset);
}

static void
test_places (void)
{
  Scan scan;

  scan_init (&scan, "{\n \"é\": [1,\r\n\t true] }\n", -1);
  assert_place (&scan, WEFT_JSON_BEGIN_OBJECT, 1, 1, 0);
  assert_place (&scan, WEFT_JSON_NAME, 2, 2, 3);
  assert_place (&scan, WEFT_JSON_BEGIN_ARRAY, 2, 8, 9);
  assert_place (&scan, WEFT_JSON_INT64, 2, 9, 10);
  assert_place (&scan, WEFT_JSON_TRUE, 3, 3, 16);
  assert_place (&scan, WEFT_JSON_END_ARRAY, 3, 7, 20);
  assert_place (&scan, WEFT_JSON_END_OBJECT, 3, 9, 22);
  assert_place (&scan, WEFT_JSON_END, 4, 1, 24);
  assert_place (&scan, WEFT_JSON_END, 4, 1, 24);
  scan_clear (&scan);
}

static void
test_byte_order_mark (void)
{
  Scan scan;

  scan_init (&scan, "\xef\xbb\xbf[]", -1);
  g_assert_cmpint (_weft_json_next (&scan.json), ==, WEFT_JSON_BEGIN_ARRAY);
  scan_clear (&scan);
}

/* From the end of a document back into its middle, where brackets are others. */
static void
test_rewind (void)
{
  WeftJsonMark mark;
  Scan scan;

  scan_init (&scan, "[{\"a\": [1, 2], \"b\": {}}, [[3]]]", -1);
  for (int i = 0; i < 4; i++)
    _weft_json_next (&scan.json);
  g_assert_cmpint (scan.json.token, ==, WEFT_JSON_BEGIN_ARRAY);
  _weft_json_mark (&scan.json, &mark);
  while (_weft_json_next (&scan.json) != WEFT_JSON_END)
    ;
  _weft_json_rewind (&scan.json, &mark);
  g_assert_cmpint (scan.json.token, ==, WEFT_JSON_BEGIN_ARRAY);
  assert_place (&scan, WEFT_JSON_INT64, 1, 9, 8);
  assert_place (&scan, WEFT_JSON_INT64, 1, 12, 11);
  assert_place (&scan, WEFT_JSON_END_ARRAY, 1, 13, 12);
  assert_place (&scan, WEFT_JSON_NAME, 1, 16, 15);
  g_assert_true (_weft_json_skip (&scan.json));
  assert_place (&scan, WEFT_JSON_END_OBJECT, 1, 23, 22);
  scan_clear (&scan);
}

static void
test_raw (void)
{
  const char *text;
  size_t n;
  Scan scan;

  scan_init (&scan, "[ {\"a\" : [ 1 ]} , 2.50 ,\"x\\n\"]", -1);
  _weft_json_next (&scan.json);
  g_assert_true (_weft_json_raw (&scan.json, &text, &n));
  g_assert_cmpmem (text, n, "{\"a\" : [ 1 ]}", 13);
  g_assert_true (_weft_json_raw (&scan.json, &text, &n));
  g_assert_cmpmem (text, n, "2.50", 4);
  g_assert_true (_weft_json_raw (&scan.json, &text, &n));
  g_assert_cmpmem (text, n, "\"x\\n\"", 5);
  g_assert_cmpint (_weft_json_next (&scan.json), ==, WEFT_JSON_END_ARRAY);
  scan_clear (&scan);
}

static void
test_first_error_stays (void)
{
  g_autoptr (GError) error = NULL;
  Scan scan;

  scan_init (&scan, "[x]", -1);
  _weft_json_next (&scan.json);
  g_assert_cmpint (_weft_json_next (&scan.json), ==, WEFT_JSON_ERROR);
  g_assert_false (_weft_json_fail (&scan.json, WEFT_GRAPH_ERROR_FORMAT, "later"));
  g_assert_cmpint (_weft_json_next (&scan.json), ==, WEFT_JSON_ERROR);
  g_assert_false (_weft_json_finish (&scan.json, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_SYNTAX,
                     "f:1:2: found “x”, expected a value", NULL);
  scan_clear (&scan);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "json", "agrees-with-python", test_agrees_with_python);
  test_add ("graph", "json", "places", test_places);
  test_add ("graph", "json", "byte-order-mark", test_byte_order_mark);
  test_add ("graph", "json", "rewind", test_rewind);
  test_add ("graph", "json", "raw", test_raw);
  test_add ("graph", "json", "first-error-stays", test_first_error_stays);
  return g_test_run ();
}
