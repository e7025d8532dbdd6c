/* ops-record.c: records: making, merging, sorting
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A record whose fields are counts is what a word count hands on: str.count_words makes them,
 * record.merge_add adds them up, record.top picks the largest. Fields are kept sorted by name in
 * all of them, so a result does not depend on the order in which parts came.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <stdlib.h>

/* A record of sorted names, values taken over. */
static WeftStatus
make_record (const char *const *names, WeftValue *values, uint32_t n, WeftValue *result)
{
  WeftRecordShape *shape = weft_record_shape_new (names, n);
  WeftStatus status =
      shape != NULL ? weft_value_init_record (result, shape, values) : WEFT_NO_MEMORY;

  weft_record_shape_unref (shape);
  for (uint32_t i = 0; status != WEFT_OK && i < n; i++)
    weft_value_unref (&values[i]);
  return status;
}

/* ---- record ---------------------------------------------------------------------------------- */

static const char *
field_name (WeftTask *task, const WeftList *names, uint64_t i)
{
  const WeftValue *name = &names->items[i];

  if (weft_value_type (name) == WEFT_TYPE_STRING
      && strlen (_weft_string (name)->chars) == _weft_string (name)->n_chars)
    return _weft_string (name)->chars;
  weft_task_fail (task, "field name %" G_GUINT64_FORMAT " is no string without zero bytes", i);
  return NULL;
}

static WeftStatus
op_record (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftList *names = _weft_list (&args[0]);
  const char **texts = weft_task_scratch (task, names->n_items * sizeof *texts);
  WeftValue *values = weft_task_scratch (task, names->n_items * sizeof *values);

  if (texts == NULL || values == NULL)
    return WEFT_NO_MEMORY;
  if (names->n_items != n_args - 1)
    return weft_task_fail (task,
                           "found %" G_GUINT64_FORMAT " names and %u values, expected as many",
                           names->n_items, n_args - 1);
  for (uint32_t i = 0; i < n_args - 1; i++)
    if ((texts[i] = field_name (task, names, i)) == NULL)
      return WEFT_FAILED;
  for (uint32_t i = 0; i < n_args - 1; i++)
    _weft_give (&values[i], &args[i + 1]);
  return make_record (texts, values, n_args - 1, results);
}

/* ---- counting by name ------------------------------------------------------------------------ */

/* A sum per name, in the table's values; names are borrowed. */
typedef struct
{
  const char *name;
  WeftValue sum;
} Sum;

static int
compare_sums (const void *a, const void *b)
{
  return strcmp (((const Sum *) a)->name, ((const Sum *) b)->name);
}

static WeftStatus
record_of_sums (GArray *sums, WeftValue *result)
{
  g_autofree const char **names = g_new (const char *, sums->len + 1);
  g_autofree WeftValue *values = g_new (WeftValue, sums->len + 1);

  if (sums->len > 0)
    qsort (sums->data, sums->len, sizeof (Sum), compare_sums);
  for (guint i = 0; i < sums->len; i++)
    {
      names[i] = g_array_index (sums, Sum, i).name;
      values[i] = g_array_index (sums, Sum, i).sum;
    }
  return make_record (names, values, sums->len, result);
}

static WeftStatus
add_to (WeftTask *task, GHashTable *index, GArray *sums, const char *name, const WeftValue *value)
{
  gpointer at = NULL;
  Sum sum = { name, *value };
  WeftValue *old;

  sum.sum.aux = 0;
  if (!g_hash_table_lookup_extended (index, name, NULL, &at))
    {
      g_hash_table_insert (index, (char *) name, GUINT_TO_POINTER (sums->len));
      g_array_append_val (sums, sum);
      return WEFT_OK;
    }
  old = &g_array_index (sums, Sum, GPOINTER_TO_UINT (at)).sum;
  return _weft_add (task, old, value, old);
}

static WeftStatus
merge_record (WeftTask *task, GHashTable *index, GArray *sums, const WeftValue *part)
{
  const WeftRecordValue *record = _weft_record (part);

  if (weft_value_type (part) != WEFT_TYPE_RECORD)
    return weft_task_fail (task, "found %s among the parts, expected record",
                           weft_type_name (weft_value_type (part)));
  for (uint32_t i = 0; i < record->n_fields; i++)
    {
      WeftStatus status;

      if (!_weft_is_number (&record->values[i]))
        return weft_task_fail (task, "field “%s” is %s, expected a number", record->shape->names[i],
                               weft_type_name (weft_value_type (&record->values[i])));
      status = add_to (task, index, sums, record->shape->names[i], &record->values[i]);
      if (status != WEFT_OK)
        return status;
    }
  return WEFT_OK;
}

static WeftStatus
op_merge_add (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  bool one_list = n_args == 1 && weft_value_type (&args[0]) == WEFT_TYPE_LIST;
  const WeftValue *parts = one_list ? _weft_list (&args[0])->items : args;
  uint64_t n = one_list ? _weft_list (&args[0])->n_items : n_args;
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (Sum));
  WeftStatus status = WEFT_OK;

  for (uint64_t i = 0; status == WEFT_OK && i < n; i++)
    status = merge_record (task, index, sums, &parts[i]);
  return status == WEFT_OK ? record_of_sums (sums, results) : status;
}

/* ---- words ----------------------------------------------------------------------------------- */

static void
count_word (GHashTable *index, GArray *sums, GStringChunk *chunk, const char *word, size_t n)
{
  g_autofree char *lower = g_utf8_strdown (word, (gssize) n);
  gpointer at = NULL;
  Sum sum = { NULL, WEFT_INT (1) };

  if (g_hash_table_lookup_extended (index, lower, NULL, &at))
    {
      g_array_index (sums, Sum, GPOINTER_TO_UINT (at)).sum.u.i++;
      return;
    }
  sum.name = g_string_chunk_insert (chunk, lower);
  g_hash_table_insert (index, (char *) sum.name, GUINT_TO_POINTER (sums->len));
  g_array_append_val (sums, sum);
}

static bool
is_word_char (uint32_t c)
{
  return c == '\'' || c == '_' || g_unichar_isalnum (c) || g_unichar_ismark (c);
}

static void
count_words (const char *at, const char *end, GHashTable *index, GArray *sums, GStringChunk *chunk)
{
  while (at < end)
    {
      const char *start = at;

      while (at < end)
        {
          const char *next = at;

          if (!is_word_char (_weft_next_char (&next, end)))
            break;
          at = next;
        }
      if (at > start)
        count_word (index, sums, chunk, start, (size_t) (at - start));
      else
        _weft_next_char (&at, end);
    }
}

static WeftStatus
op_count_words (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const WeftString *text = _weft_string (&args[0]);
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (Sum));
  GStringChunk *chunk = g_string_chunk_new (4096);
  WeftStatus status;

  count_words (text->chars, text->chars + text->n_chars, index, sums, chunk);
  status = record_of_sums (sums, results);
  g_string_chunk_free (chunk);
  return status;
}

/* ---- top ------------------------------------------------------------------------------------- */

static int
compare_largest (const void *a, const void *b, void *unordered_data)
{
  const Sum *left = a, *right = b;
  bool *unordered = unordered_data;
  int order = 0;

  _weft_compare (NULL, &right->sum, &left->sum, &order, unordered);
  return order != 0 && !*unordered ? order : strcmp (left->name, right->name);
}

static WeftStatus
make_pairs (WeftTask *task, const GArray *sums, size_t n, WeftValue *result)
{
  WeftListMaker maker;

  _weft_list_maker_init (&maker, weft_task_account (task));
  for (size_t i = 0; i < n && maker.status == WEFT_OK; i++)
    {
      const Sum *sum = &g_array_index (sums, Sum, i);
      WeftListMaker pair;
      WeftValue value = sum->sum;

      _weft_list_maker_init (&pair, weft_task_account (task));
      _weft_list_maker_add_string (&pair, sum->name, strlen (sum->name));
      _weft_list_maker_add (&pair, &value);
      maker.status = _weft_list_maker_finish (&pair, &value);
      if (maker.status == WEFT_OK)
        _weft_list_maker_add (&maker, &value);
    }
  return _weft_list_maker_finish (&maker, result);
}

static WeftStatus
op_top (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) sums = g_array_new (FALSE, FALSE, sizeof (Sum));
  bool unordered = false;
  WeftStatus status = merge_record (task, index, sums, &args[0]);

  if (status != WEFT_OK)
    return status;
  if (_weft_integer (&args[1]) < 0)
    return weft_task_fail (task, "found a negative number of fields");
  g_array_sort_with_data (sums, compare_largest, &unordered);
  return make_pairs (task, sums, (size_t) MIN ((int64_t) sums->len, _weft_integer (&args[1])),
                     results);
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam record_params[] = {
  WEFT_PARAM ("names", WEFT_ACCEPT_LIST, "list of strings"),
  WEFT_PARAM_REST ("values", WEFT_ACCEPT_ANY, "one value a name"),
};
static const WeftOpParam parts[] = {
  WEFT_PARAM_REST ("parts", WEFT_ACCEPT_RECORD | WEFT_ACCEPT_LIST,
                   "records of numbers, or one list of such"),
};
static const WeftOpParam text[] = { WEFT_PARAM ("text", WEFT_ACCEPT_STRING, "any text") };
static const WeftOpParam top_params[] = {
  WEFT_PARAM ("record", WEFT_ACCEPT_RECORD, "a record of numbers"),
  WEFT_PARAM_OR ("n", WEFT_ACCEPT_INTEGER, WEFT_INT (10), "how many at most"),
};

#define RECORD_OP(op_name, table, is_variadic, cost_ns, text, func)                           \
  {                                                                                           \
    .name = op_name, .version = 1, .doc = text, WEFT_PARAMS (table), .variadic = is_variadic, \
    .n_outputs = 1, .flags = WEFT_OP_PURE, .cost_hint_ns = cost_ns, .kernel = func            \
  }

static const WeftOp ops[] = {
  RECORD_OP ("record", record_params, true, 200, "a record of names and values", op_record),
  RECORD_OP ("record.merge_add", parts, true, 100000,
             "one record with the sums of equally named fields\n"
             "Fields are sorted by name. Takes records as arguments or in one list.",
             op_merge_add),
  RECORD_OP ("record.top", top_params, false, 10000,
             "the fields with the largest numbers, as a list of [name, number]\n"
             "Largest first; equal ones by name.",
             op_top),
  RECORD_OP ("str.count_words", text, false, 100000,
             "how often each word occurs, as a record\n"
             "Words are runs of letters, marks, digits, ' and _, in lower case; fields are sorted.",
             op_count_words),
};

const WeftOpTable _weft_ops_record = { ops, G_N_ELEMENTS (ops) };
