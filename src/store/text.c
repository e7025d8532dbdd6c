/* text.c: values as text, for people and as JSON
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Lists and records are walked with a stack of frames, as they may be nested without end.
 */
#include "config.h"

#include "store/weft-store-private.h"
#include "store/weft-text-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  const WeftValue *values;
  const WeftRecordShape *shape; /* (nullable): of a record */
  const char *closing;
  uint64_t n, i;
} Frame;

/* ---- scalars --------------------------------------------------------------------------------- */

/* Fifteen digits mostly do, seventeen always; of a float32, six and nine. */
static void
append_finite (GString *out, double f, bool single)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  static const char *const single_formats[] = { "%.6g", "%.7g", "%.8g", "%.9g" };
  const char *const *format = single ? single_formats : formats;
  const char *const *last = single ? &single_formats[3] : &formats[2];
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  double back;

  do
    {
      g_ascii_formatd (digits, sizeof digits, *format, f);
      back = g_ascii_strtod (digits, NULL);
    }
  while (format++ < last && (single ? (float) back != (float) f : back != f));
  g_string_append (out, digits);
  if (strpbrk (digits, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
append_float (WeftText *text, double f, bool single)
{
  const char *name = isnan (f) ? "nan" : f > 0 ? "inf" : "-inf";

  if (isfinite (f))
    append_finite (text->out, f, single);
  else if (text->json)
    g_string_append_printf (text->out, "{\"$float\": \"%s\"}", name);
  else
    g_string_append (text->out, name);
}

void
_weft_text_float (WeftText *text, double f)
{
  append_float (text, f, false);
}

void
_weft_text_float32 (WeftText *text, float f)
{
  append_float (text, (double) f, true);
}

/* Characters are written whole. */
static bool
is_inside (char c)
{
  return ((guchar) c & 0xc0) == 0x80;
}

static void
append_escaped (GString *out, char c)
{
  switch (c)
    {
    case '"':
    case '\\':
      g_string_append_c (out, '\\');
      g_string_append_c (out, c);
      break;
    case '\n':
      g_string_append (out, "\\n");
      break;
    case '\t':
      g_string_append (out, "\\t");
      break;
    default:
      if ((guchar) c < 0x20 || c == 0x7f)
        g_string_append_printf (out, "\\u%04x", (guint) (guchar) c);
      else
        g_string_append_c (out, c);
      break;
    }
}

void
_weft_text_string (WeftText *text, const char *chars, size_t n_chars)
{
  g_autofree char *mended = NULL;

  if (!_weft_utf8_is_valid (chars, n_chars))
    {
      mended = g_utf8_make_valid (chars, (gssize) n_chars);
      chars = mended;
      n_chars = strlen (mended);
    }
  g_string_append_c (text->out, '"');
  for (size_t i = 0; i < n_chars && (is_inside (chars[i]) || !_weft_text_is_full (text)); i++)
    append_escaped (text->out, chars[i]);
  g_string_append_c (text->out, '"');
}

static void
append_text_or_null (WeftText *text, const char *chars)
{
  if (chars != NULL)
    _weft_text_string (text, chars, strlen (chars));
  else
    g_string_append (text->out, "null");
}

/* As C and Python write them. */
static void
append_readable_bytes (WeftText *text, const uint8_t *bytes, size_t n_bytes)
{
  g_string_append (text->out, "b\"");
  for (size_t i = 0; i < n_bytes && !_weft_text_is_full (text); i++)
    if (bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\')
      g_string_append_c (text->out, (char) bytes[i]);
    else
      g_string_append_printf (text->out, "\\x%02x", bytes[i]);
  g_string_append_c (text->out, '"');
}

void
_weft_text_bytes (WeftText *text, const uint8_t *bytes, size_t n_bytes)
{
  g_autofree char *base64 = NULL;

  if (!text->json)
    {
      append_readable_bytes (text, bytes, n_bytes);
      return;
    }
  base64 = g_base64_encode (n_bytes > 0 ? bytes : (const uint8_t *) "", n_bytes);
  g_string_append_printf (text->out, "{\"$bytes\": \"%s\"}", base64);
}

/* ---- boxes ----------------------------------------------------------------------------------- */

void
_weft_text_member (WeftText *text, const char *name)
{
  char last = text->out->str[text->out->len - 1];

  if (last != '{')
    g_string_append (text->out, ", ");
  _weft_text_string (text, name, strlen (name));
  g_string_append (text->out, ": ");
}

static void
append_member_text (WeftText *text, const char *name, const char *chars)
{
  _weft_text_member (text, name);
  append_text_or_null (text, chars);
}

static void
append_file (WeftText *text, const WeftFile *file)
{
  if (!text->json)
    {
      g_string_append (text->out, "file ");
      _weft_text_string (text, file->path, strlen (file->path));
      g_string_append_printf (text->out, " (%" G_GUINT64_FORMAT " bytes)", file->size_bytes);
      return;
    }
  g_string_append (text->out, "{\"$file\": {");
  append_member_text (text, "path", file->path);
  g_string_append_printf (text->out,
                          ", \"size_bytes\": %" G_GUINT64_FORMAT
                          ", \"modified_wall_ns\": %" G_GINT64_FORMAT "}}",
                          file->size_bytes, file->modified_wall_ns);
}

static void
append_foreign (WeftText *text, const WeftForeign *foreign)
{
  const WeftForeignClass *klass = foreign->klass;
  char *what = klass->describe != NULL ? klass->describe (foreign->object) : NULL;

  if (text->json)
    {
      g_string_append (text->out, "{\"$foreign\": {");
      append_member_text (text, "class", klass->name);
      append_member_text (text, "text", what);
      g_string_append (text->out, "}}");
    }
  else
    g_string_append_printf (text->out, "<%s%s%s>", klass->name, what != NULL ? ": " : "",
                            what != NULL ? what : "");
  free (what);
}

static void
append_error (WeftText *text, const WeftErrorValue *error)
{
  if (!text->json)
    {
      g_string_append_printf (text->out, "error%s%s: %s", error->culprit_key != NULL ? " of " : "",
                              error->culprit_key != NULL ? error->culprit_key : "",
                              error->message != NULL ? error->message : "unknown");
      return;
    }
  g_string_append (text->out, "{\"$error\": {");
  append_member_text (text, "key", error->culprit_key);
  g_string_append_printf (text->out, ", \"status\": %u, \"attempt\": %u", error->status,
                          error->attempt);
  append_member_text (text, "kind", error->kind);
  append_member_text (text, "message", error->message);
  append_member_text (text, "detail", error->detail);
  append_member_text (text, "output", error->output);
  g_string_append (text->out, "}}");
}

static void
append_floats (WeftText *text, const double *floats, uint64_t n)
{
  g_string_append_c (text->out, '[');
  for (uint64_t i = 0; i < n && !_weft_text_is_full (text); i++)
    {
      g_string_append (text->out, i > 0 ? ", " : "");
      _weft_text_float (text, floats[i]);
    }
  g_string_append_c (text->out, ']');
}

static void
append_axis (WeftText *text, const WeftHistogramAxis *axis)
{
  g_string_append_c (text->out, '{');
  append_member_text (text, "name", axis->name);
  _weft_text_member (text, "edges");
  append_floats (text, axis->edges, (uint64_t) axis->n_bins + 1);
  g_string_append_c (text->out, '}');
}

static void
append_histogram (WeftText *text, const WeftHistogram *histogram)
{
  const double *cells = (const double *) histogram->cells->bytes;

  if (!text->json)
    {
      g_string_append_printf (text->out, "histogram of %" G_GUINT64_FORMAT " entries ",
                              histogram->n_entries);
      append_floats (text, cells, histogram->n_cells);
      return;
    }
  g_string_append_printf (text->out,
                          "{\"$histogram\": {\"n_entries\": %" G_GUINT64_FORMAT ", \"axes\": [",
                          histogram->n_entries);
  for (uint32_t i = 0; i < histogram->n_axes; i++)
    {
      g_string_append (text->out, i > 0 ? ", " : "");
      append_axis (text, &histogram->axes[i]);
    }
  g_string_append (text->out, "], \"weights\": ");
  append_floats (text, cells, histogram->n_cells);
  g_string_append (text->out, ", \"squares\": ");
  append_floats (text, cells + histogram->n_cells, histogram->n_cells);
  g_string_append (text->out, "}}");
}

/* ---- walking --------------------------------------------------------------------------------- */

static void
open_list (WeftText *text, const WeftList *list)
{
  bool tuple = !text->json && g_strcmp0 (list->tag, "tuple") == 0;
  bool tagged = !text->json && list->tag != NULL && !tuple;
  Frame frame = { .values = list->items, .n = list->n_items };

  g_string_append_printf (text->out, "%s%s", tagged ? list->tag : "", tuple || tagged ? "(" : "[");
  frame.closing = !tuple && !tagged ? "]" : tuple && list->n_items == 1 ? ",)" : ")";
  g_array_append_val (text->stack, frame);
}

static void
open_record (WeftText *text, const WeftRecordValue *record)
{
  Frame frame = { record->values, record->shape, "}", record->n_fields, 0 };

  g_string_append_c (text->out, '{');
  g_array_append_val (text->stack, frame);
}

static void
append_box (WeftText *text, const WeftBox *box)
{
  switch ((WeftType) box->type)
    {
    case WEFT_TYPE_STRING:
      _weft_text_string (text, ((const WeftString *) box)->chars,
                         ((const WeftString *) box)->n_chars);
      break;
    case WEFT_TYPE_BYTES:
      _weft_text_bytes (text, ((const WeftBytes *) box)->bytes, ((const WeftBytes *) box)->n_bytes);
      break;
    case WEFT_TYPE_LIST:
      open_list (text, (const WeftList *) box);
      break;
    case WEFT_TYPE_RECORD:
      open_record (text, (const WeftRecordValue *) box);
      break;
    case WEFT_TYPE_ARRAY:
      _weft_text_array (text, (const WeftArray *) box);
      break;
    case WEFT_TYPE_TABLE:
      _weft_text_table (text, (const WeftTable *) box);
      break;
    case WEFT_TYPE_HISTOGRAM:
      append_histogram (text, (const WeftHistogram *) box);
      break;
    case WEFT_TYPE_FILE:
      append_file (text, (const WeftFile *) box);
      break;
    case WEFT_TYPE_FOREIGN:
      append_foreign (text, (const WeftForeign *) box);
      break;
    case WEFT_TYPE_ERROR:
      append_error (text, (const WeftErrorValue *) box);
      break;
    default:
      g_string_append (text->out, text->json ? "null" : "managed");
      break;
    }
}

static void
append_value (WeftText *text, const WeftValue *value)
{
  switch (weft_value_type (value))
    {
    case WEFT_TYPE_EMPTY:
    case WEFT_TYPE_NONE:
      g_string_append (text->out, text->json ? "null" : "none");
      break;
    case WEFT_TYPE_BOOL:
      g_string_append (text->out, value->u.b ? "true" : "false");
      break;
    case WEFT_TYPE_INT64:
      g_string_append_printf (text->out, "%" G_GINT64_FORMAT, value->u.i);
      break;
    case WEFT_TYPE_FLOAT64:
      _weft_text_float (text, value->u.f);
      break;
    default:
      append_box (text, value->u.box);
      break;
    }
}

static void
append_field_name (WeftText *text, const char *name)
{
  g_autofree char *doubled = NULL;

  if (text->json && name[0] == '$')
    name = doubled = g_strconcat ("$", name, NULL);
  if (text->json)
    _weft_text_string (text, name, strlen (name));
  else
    g_string_append (text->out, name);
  g_string_append (text->out, ": ");
}

/* The next value of the innermost list or record, or its end. */
static void
step (WeftText *text)
{
  Frame *top = &g_array_index (text->stack, Frame, text->stack->len - 1);
  uint64_t i = top->i++;

  if (i == top->n)
    {
      g_string_append (text->out, top->closing);
      g_array_set_size (text->stack, text->stack->len - 1);
      return;
    }
  g_string_append (text->out, i > 0 ? ", " : "");
  if (top->shape != NULL)
    append_field_name (text, top->shape->names[i]);
  append_value (text, &top->values[i]);
}

/* Cut at a character's border. */
static void
end_early (WeftText *text)
{
  const char *end = text->out->str + text->max_chars;

  while (end > text->out->str && is_inside (*end))
    end--;
  g_string_truncate (text->out, (gsize) (end - text->out->str));
  g_string_append (text->out, "…");
}

/* Texts that were never checked, messages of programs for one, may hold anything. */
static char *
end_valid (GString *out)
{
  char *text = g_string_free (out, FALSE);
  char *valid;

  if (g_utf8_validate (text, -1, NULL))
    return text;
  valid = g_utf8_make_valid (text, -1);
  g_free (text);
  return valid;
}

/* A string by itself stands as it is, but for zeros. */
static void
append_plain_string (WeftText *text, const WeftString *string)
{
  g_autofree char *shown = g_utf8_make_valid (string->chars, (gssize) string->n_chars);

  g_string_append (text->out, shown);
}

char *
weft_value_to_text (const WeftValue *value, bool json, size_t max_chars)
{
  WeftText text = { .out = g_string_new (NULL),
                    .stack = g_array_new (FALSE, FALSE, sizeof (Frame)),
                    .max_chars = json ? 0 : max_chars,
                    .json = json };

  if (!json && weft_value_type (value) == WEFT_TYPE_STRING)
    append_plain_string (&text, (const WeftString *) value->u.box);
  else
    append_value (&text, value);
  while (text.stack->len > 0 && !_weft_text_is_full (&text))
    step (&text);
  if (text.stack->len > 0 || (text.max_chars > 0 && text.out->len > text.max_chars))
    end_early (&text);
  g_array_unref (text.stack);
  return end_valid (text.out);
}
