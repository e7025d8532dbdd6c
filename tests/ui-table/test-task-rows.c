/* test-task-rows.c: which tasks a table shows and in what order, beside a plain way to the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "ui-inspect/inspect-fixture.h"

#include "table/task-rows.h"
#include "table/task-sort.h"
#include "table/task-words.h"

#include <stdatomic.h>

/* ---- natural order --------------------------------------------------------------------------- */

static size_t
number_length (const char **text)
{
  while ((*text)[0] == '0' && g_ascii_isdigit ((*text)[1]))
    ++*text;
  return strspn (*text, "0123456789");
}

/* Byte by byte, and numbers as numbers. */
static int
plain_compare (const char *a, const char *b)
{
  while (*a != '\0' && *b != '\0')
    {
      bool x_digit = g_ascii_isdigit (*a), y_digit = g_ascii_isdigit (*b);
      int x = x_digit ? '0' : (unsigned char) *a, y = y_digit ? '0' : (unsigned char) *b;

      if (x_digit && y_digit)
        {
          size_t n = number_length (&a), m = number_length (&b);
          int order = n != m ? (n < m ? -1 : 1) : strncmp (a, b, n);

          if (order != 0)
            return order;
          a += n;
          b += m;
          continue;
        }
      if (x != y)
        return x < y ? -1 : 1;
      a++;
      b++;
    }
  return (*a != '\0') - (*b != '\0');
}

static int
natural_compare (const char *a, const char *b)
{
  for (size_t offset = 0;; offset += 8)
    {
      uint64_t x = weftline_natural_bytes (a, offset), y = weftline_natural_bytes (b, offset);

      if (x != y)
        return x < y ? -1 : 1;
      if ((x & 0xff) == 0)
        return 0;
    }
}

static int
sign (int x)
{
  return (x > 0) - (x < 0);
}

/* Few different characters, so that beginnings are often equal; now and then a long number. */
static char *
random_text (void)
{
  GString *text = g_string_new (NULL);
  int n = g_test_rand_int_range (0, 25);

  for (int i = 0; i < n; i++)
    g_string_append (
        text, (const char *[]){ "a", "-", "0", "1", "9", "é", "00" }[g_test_rand_int_range (0, 7)]);
  for (int i = g_test_rand_int_range (0, 20) == 0 ? 600 : 0; i > 0; i--)
    g_string_append_c (text, '7');
  return g_string_free (text, FALSE);
}

static void
test_natural_order (void)
{
  g_assert_cmpint (natural_compare ("x-9", "x-10"), <, 0);
  g_assert_cmpint (natural_compare ("x-9", "x-09"), ==, 0);
  g_assert_cmpint (natural_compare ("x", "x-1"), <, 0);
  g_assert_cmpint (natural_compare ("('x', 2, 10)", "('x', 10, 2)"), <, 0);
  for (int i = 0; i < 20000; i++)
    {
      g_autofree char *a = random_text (), *b = random_text ();

      g_assert_cmpint (natural_compare (a, b), ==, sign (plain_compare (a, b)));
    }
}

/* ---- sorting --------------------------------------------------------------------------------- */

static void
test_sort_is_stable (void)
{
  for (unsigned round = 0; round < 60; round++)
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (0, 2000);
      uint64_t mask = round % 3 == 0 ? 7 : round % 3 == 1 ? UINT64_C (0xff00ff) : UINT64_MAX;
      g_autofree WeftlineTaskItem *items = g_new (WeftlineTaskItem, n + 1);
      g_autofree WeftlineTaskItem *scratch = g_new (WeftlineTaskItem, n + 1);
      uint64_t sum = 0;

      for (uint32_t i = 0; i < n; i++)
        {
          uint64_t value =
              (uint64_t) (uint32_t) g_test_rand_int () << 32 | (uint32_t) g_test_rand_int ();

          items[i] = (WeftlineTaskItem){ value & mask, i };
          sum += items[i].value ^ i;
        }
      weftline_task_sort (items, scratch, n);
      for (uint32_t i = 0; i < n; i++)
        sum -= items[i].value ^ items[i].task;
      g_assert_cmpuint (sum, ==, 0);
      for (uint32_t i = 1; i < n; i++)
        g_assert_true (
            items[i - 1].value < items[i].value
            || (items[i - 1].value == items[i].value && items[i - 1].task < items[i].task));
    }
}

/* ---- a run with all sorts of tasks ----------------------------------------------------------- */

#define N_TASKS 700

static void
append_task (GString *json, int i)
{
  static const char *const names[] = { "inc", "Sum", "load-part", "é", "x0" };
  const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];

  g_string_append_printf (json, "%s\"%s-%d\": ", i > 0 ? ", " : "", name, i);
  switch (i > 0 ? g_test_rand_int_range (0, 8) : 0)
    {
    case 0:
      g_string_append (json, "{\"op\": \"const\", \"args\": [1]}");
      break;
    case 1:
      g_string_append (json, "{\"op\": \"fail\", \"args\": [null, null, \"no\"], \"retries\": 1}");
      break;
    case 2:
      g_string_append (json, "{\"op\": \"sleep\", \"args\": [0.0005, 1]}");
      break;
    default:
      g_string_append_printf (json, "{\"op\": \"alloc\", \"args\": [%d, {\"ref\": \"t\"}]}",
                              g_test_rand_int_range (1, 9) * 100);
      break;
    }
}

/* Some wait for one that takes a while. */
static void
record (Recorded *recorded)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autofree char *text = NULL;

  for (int i = 0; i < N_TASKS; i++)
    append_task (json, i);
  g_string_append (json, ", \"t\": {\"op\": \"sleep\", \"args\": [0.005, 1]}}}");
  text = g_string_free (json, FALSE);
  record_run (recorded, text, 3);
  g_assert_cmpuint (recorded->snapshot.n_tasks, ==, N_TASKS + 1);
}

typedef struct
{
  const Recorded *recorded;
  const WeftlineTaskSource *source;
  const WeftlineTaskQuery *query;
} Plain;

/* As the records have it; false: none. */
static bool
plain_value (const Plain *plain, uint32_t task, double *value)
{
  const WeftModel *model = plain->recorded->model;
  const WeftSpan *span;
  WeftModelLane info;
  int64_t wait;
  uint32_t lane;

  if (plain->query->column == WEFTLINE_TASK_STATE)
    {
      *value = weft_model_task_state (model, task);
      return true;
    }
  span = last_span (plain->recorded, task, &lane);
  if (span == NULL)
    return false;
  switch (plain->query->column)
    {
    case WEFTLINE_TASK_WORKER:
      weft_model_lane (model, lane, &info);
      *value = info.worker;
      return true;
    case WEFTLINE_TASK_START:
      *value = (double) span->start_ns;
      return true;
    case WEFTLINE_TASK_DURATION:
      *value = (double) (span->end_ns - span->start_ns);
      return true;
    case WEFTLINE_TASK_BYTES:
      *value = (double) span->amount;
      return span->how >> 4 == WEFT_OUTCOME_OK;
    case WEFTLINE_TASK_ATTEMPTS:
      *value = weft_model_task_attempts (model, task);
      return true;
    default: /* of the wait there is a test of its own */
      if (!weftline_task_value (plain->source, task, WEFTLINE_TASK_WAIT, &wait))
        return false;
      *value = (double) wait;
      return true;
    }
}

static char *
text_of (const Plain *plain, uint32_t task)
{
  WeftModelGroup group;

  if (plain->query->column == WEFTLINE_TASK_KEY)
    return weft_model_task_dup_key (plain->recorded->model, task);
  weft_model_group (plain->recorded->model, weft_model_task_group (plain->recorded->model, task),
                    &group);
  return g_strdup (group.name);
}

static int
compare (const void *a, const void *b, void *data)
{
  const Plain *plain = data;
  uint32_t one = *(const uint32_t *) a, other = *(const uint32_t *) b;
  WeftlineTaskColumn column = plain->query->column;
  double x = 0, y = 0;
  int order;

  if (column == WEFTLINE_TASK_KEY || column == WEFTLINE_TASK_GROUP)
    {
      g_autofree char *s = text_of (plain, one), *t = text_of (plain, other);

      order = plain_compare (s, t);
    }
  else if (column < WEFTLINE_TASK_N_COLUMNS)
    {
      bool has_x = plain_value (plain, one, &x), has_y = plain_value (plain, other, &y);

      if (has_x != has_y)
        return has_x ? -1 : 1;
      order = (x > y) - (x < y);
    }
  else
    order = 0;
  if (order != 0)
    return plain->query->descending ? -order : order;
  return (one > other) - (one < other);
}

static bool
plain_shows (const Plain *plain, uint32_t task)
{
  const WeftModel *model = plain->recorded->model;
  g_autofree char *key = weft_model_task_dup_key (model, task);
  g_autofree char *low_key = g_ascii_strdown (key, -1);
  g_autofree char *text =
      g_ascii_strdown (plain->query->text != NULL ? plain->query->text : "", -1);
  g_autofree char *name = NULL;
  WeftModelGroup group;

  weft_model_group (model, weft_model_task_group (model, task), &group);
  name = g_ascii_strdown (group.name, -1);
  return (plain->query->states & 1u << weft_model_task_state (model, task)) != 0
         && (plain->query->only == NULL || weftline_task_set_has (plain->query->only, task))
         && (strstr (low_key, text) != NULL || strstr (name, text) != NULL);
}

/* (transfer full) */
static GArray *
plain_rows (const Plain *plain)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  for (uint32_t task = 0; task < plain->recorded->snapshot.n_tasks; task++)
    if (plain_shows (plain, task))
      g_array_append_val (rows, task);
  g_array_sort_with_data (rows, compare, (void *) plain);
  return rows;
}

static WeftlineTaskSet *
random_set (uint32_t n)
{
  WeftlineTaskSet *set = weftline_task_set_new (n);

  for (uint32_t task = 0; task < n; task++)
    if (g_test_rand_bit ())
      weftline_task_set_add (set, task);
  return set;
}

static void
random_query (WeftlineTaskQuery *query)
{
  static const char *const texts[] = { NULL, "", "INC", "-1", "load-part", "é", "su", "nowhere" };

  query->column = (WeftlineTaskColumn) g_test_rand_int_range (0, WEFTLINE_TASK_N_COLUMNS + 1);
  query->descending = g_test_rand_bit ();
  query->states = g_test_rand_bit () ? WEFTLINE_TASK_ALL_STATES
                                     : (uint32_t) g_test_rand_int () & WEFTLINE_TASK_ALL_STATES;
  query->text = texts[g_test_rand_int_range (0, G_N_ELEMENTS (texts))];
  query->only = NULL;
}

static void
check (const Recorded *recorded, const WeftlineTaskSource *source, const WeftlineTaskQuery *query)
{
  g_autoptr (GArray) expected = plain_rows (&(Plain){ recorded, source, query });
  WeftlineTaskRows rows;

  g_assert_true (weftline_task_rows_make (source, query, NULL, &rows));
  g_assert_cmpuint (rows.n, ==, expected->len);
  for (uint32_t i = 0; i < rows.n; i++)
    {
      uint32_t task = weftline_task_rows_get (&rows, i);

      g_assert_cmpuint (task, ==, g_array_index (expected, uint32_t, i));
      g_assert_cmpuint (weftline_task_rows_find (&rows, task), ==, i);
    }
  weftline_task_rows_clear (&rows);
}

static void
source_of (const Recorded *recorded, WeftlineTaskSource *source, const WeftlineLinks *links)
{
  weftline_task_source_init (source);
  weftline_task_source_take (source, recorded->model, &recorded->snapshot, NULL, links);
}

static void
test_rows_equal_a_plain_sort (void)
{
  WeftlineTaskSource source;
  WeftlineTaskQuery query;
  Recorded recorded;
  WeftlineLinks *links;

  record (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  source_of (&recorded, &source, links);
  g_assert_cmpuint (recorded.snapshot.n_states[WEFT_TASK_ERRED], >, 0);
  for (unsigned i = 0; i < 120; i++)
    {
      g_autoptr (WeftlineTaskSet) set = random_set (recorded.snapshot.n_tasks);

      random_query (&query);
      query.column = i < 40 ? (WeftlineTaskColumn) (i % 10) : query.column;
      query.only = g_test_rand_int_range (0, 4) == 0 ? set : NULL;
      check (&recorded, &source, &query);
    }
  weftline_task_source_clear (&source);
  weftline_links_free (links);
  recorded_clear (&recorded);
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char lines_json[] =
    "{\"weftline\": 1, \"tasks\": {\"first\": {\"op\": \"sleep\", \"args\": [0.01, 1]}, "
    "\"second\": {\"op\": \"add\", \"args\": [{\"ref\": \"first\"}, 1]}, "
    "\"again\": {\"op\": \"fail\", \"args\": [null, null, \"no\"], \"retries\": 2}, "
    "\"never\": {\"op\": \"neg\", \"args\": [{\"ref\": \"again\"}]}}}";

static int64_t
value_at (const WeftlineTaskSource *source, const char *key, WeftlineTaskColumn column)
{
  int64_t value = -1;

  weftline_task_value (source, weft_model_find_key (source->model, key), column, &value);
  return value;
}

/* A wait is from the end of what was needed last to the start. */
static void
test_values_are_the_records (void)
{
  const WeftSpan *first, *second;
  WeftlineTaskSource source;
  WeftlineLinks *links;
  Recorded recorded;
  uint32_t lane;
  g_autofree char *text = NULL;

  record_run (&recorded, lines_json, 2);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  source_of (&recorded, &source, links);
  first = last_span (&recorded, weft_model_find_key (recorded.model, "first"), &lane);
  second = last_span (&recorded, weft_model_find_key (recorded.model, "second"), &lane);
  g_assert_cmpint (value_at (&source, "second", WEFTLINE_TASK_WAIT), ==,
                   second->start_ns - first->end_ns);
  g_assert_cmpint (value_at (&source, "first", WEFTLINE_TASK_DURATION), ==,
                   first->end_ns - first->start_ns);
  g_assert_cmpint (value_at (&source, "second", WEFTLINE_TASK_START), ==, second->start_ns);
  g_assert_cmpint (value_at (&source, "again", WEFTLINE_TASK_ATTEMPTS), ==, 3);
  g_assert_cmpint (value_at (&source, "again", WEFTLINE_TASK_WAIT), ==, -1);
  g_assert_cmpint (value_at (&source, "again", WEFTLINE_TASK_BYTES), ==, -1);
  g_assert_cmpint (value_at (&source, "never", WEFTLINE_TASK_START), ==, -1);
  g_assert_cmpint (value_at (&source, "never", WEFTLINE_TASK_ATTEMPTS), ==, -1);
  text = weftline_task_text (&source, weft_model_find_key (recorded.model, "never"),
                             WEFTLINE_TASK_STATE, WEFTLINE_TIME_SINCE_START);
  g_assert_cmpstr (text, ==, "erred");
  weftline_task_source_clear (&source);
  weftline_links_free (links);
  recorded_clear (&recorded);
}

/* ---- as of a moment -------------------------------------------------------------------------- */

/* What a look at every span tells of a task's last attempt that had begun. */
typedef struct
{
  const WeftSpan *span; /* (nullable) */
  uint32_t lane;
  uint32_t n;
} Then;

static Then
look_then (const Recorded *recorded, uint32_t task, int64_t at_ns)
{
  Then then = { NULL, 0, 0 };

  for (uint32_t lane = 0; lane < recorded->snapshot.n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (recorded->model, lane, &info);
      for (uint64_t i = 0; i < weft_spans_n (info.spans); i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (span->kind != WEFT_RECORD_TASK || span->task != task || span->start_ns > at_ns)
            continue;
          then.n++;
          if (then.span == NULL || span->start_ns >= then.span->start_ns)
            {
              then.span = span;
              then.lane = lane;
            }
        }
    }
  return then;
}

static int64_t
value_of (const WeftlineTaskSource *source, uint32_t task, WeftlineTaskColumn column)
{
  int64_t value = -1;

  weftline_task_value (source, task, column, &value);
  return value;
}

static void
check_then (const Recorded *recorded, const WeftlineTaskSource *source, uint32_t task)
{
  int64_t at_ns = source->moment->at_ns;
  Then then = look_then (recorded, task, at_ns);
  bool ended = then.span != NULL && then.span->end_ns <= at_ns;
  bool well = ended && then.span->how >> 4 == WEFT_OUTCOME_OK;

  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_STATE), ==, source->moment->states[task]);
  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_START), ==,
                   then.span != NULL ? then.span->start_ns : -1);
  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_WORKER), ==,
                   then.span != NULL ? (int64_t) then.lane : -1);
  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_DURATION), ==,
                   then.span != NULL ? MIN (then.span->end_ns, at_ns) - then.span->start_ns : -1);
  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_BYTES), ==,
                   well ? (int64_t) then.span->amount : -1);
  g_assert_cmpint (value_of (source, task, WEFTLINE_TASK_ATTEMPTS), ==,
                   then.n > 0 ? (int64_t) then.n : -1);
}

/* In the order of the values, and with all that are in one of the states. */
static void
check_rows_then (const WeftlineTaskSource *source, const WeftlineTaskQuery *query)
{
  uint32_t n = 0, i;
  WeftlineTaskRows rows;

  g_assert_true (weftline_task_rows_make (source, query, NULL, &rows));
  for (uint32_t task = 0; task < source->snapshot.n_tasks; task++)
    n += (query->states >> source->moment->states[task] & 1) != 0;
  g_assert_cmpuint (rows.n, ==, n);
  for (i = 0; i < rows.n; i++)
    g_assert_true (query->states >> source->moment->states[rows.tasks[i]] & 1);
  for (i = 1; i < rows.n; i++)
    {
      int64_t before = value_of (source, rows.tasks[i - 1], query->column);
      int64_t value = value_of (source, rows.tasks[i], query->column);

      if (before == value)
        g_assert_cmpuint (rows.tasks[i - 1], <, rows.tasks[i]);
      else if (query->descending || before < 0 || value < 0)
        g_assert_cmpint (before, >, value);
      else
        g_assert_cmpint (before, <, value);
    }
  weftline_task_rows_clear (&rows);
}

static void
test_as_of_a_moment (void)
{
  static const WeftlineTaskColumn columns[] = { WEFTLINE_TASK_STATE,    WEFTLINE_TASK_START,
                                                WEFTLINE_TASK_DURATION, WEFTLINE_TASK_BYTES,
                                                WEFTLINE_TASK_WAIT,     WEFTLINE_TASK_ATTEMPTS };
  WeftlineTaskSource source;
  WeftlineLinks *links;
  Recorded recorded;
  WeftPast *past;

  record (&recorded);
  links = weftline_links_new (recorded.model, &recorded.snapshot);
  past = weft_past_new (recorded.model, &recorded.snapshot);
  weftline_task_source_init (&source);
  for (unsigned round = 0; round < 20; round++)
    {
      WeftMoment *moment = weft_moment_new (
          past, (int64_t) (g_test_rand_double () * (double) recorded.snapshot.last_ns));

      weftline_task_source_take (&source, recorded.model, &recorded.snapshot, moment, links);
      g_assert_cmpmem (weftline_task_source_counts (&source), sizeof moment->n_states,
                       moment->n_states, sizeof moment->n_states);
      weft_moment_unref (moment); /* the source has it */
      for (int k = 0; k < 100; k++)
        check_then (&recorded, &source,
                    (uint32_t) g_test_rand_int_range (0, (gint32) recorded.snapshot.n_tasks));
      for (unsigned i = 0; i < G_N_ELEMENTS (columns); i++)
        check_rows_then (
            &source, &(WeftlineTaskQuery){ .column = columns[i],
                                           .descending = g_test_rand_bit (),
                                           .states = i % 2 == 0 ? WEFTLINE_TASK_ALL_STATES
                                                                : (uint32_t) g_test_rand_int () });
    }
  weftline_task_source_clear (&source);
  weftline_links_free (links);
  weft_past_free (past);
  recorded_clear (&recorded);
}

/* ---- plain, and cancelled -------------------------------------------------------------------- */

static void
test_plain_rows_take_no_memory (void)
{
  WeftlineTaskQuery query = { .column = WEFTLINE_TASK_N_COLUMNS,
                              .states = WEFTLINE_TASK_ALL_STATES,
                              .text = "" };
  _Atomic bool cancelled = true;
  WeftlineTaskSource source;
  WeftlineTaskRows rows;
  Recorded recorded;

  record_run (&recorded, lines_json, 1);
  source_of (&recorded, &source, NULL);
  g_assert_true (weftline_task_rows_make (&source, &query, NULL, &rows));
  g_assert_null (rows.tasks);
  g_assert_cmpuint (rows.n, ==, 4);
  g_assert_cmpuint (weftline_task_rows_find (&rows, 3), ==, 3);
  g_assert_cmpuint (weftline_task_rows_find (&rows, 4), ==, WEFT_NONE);
  query.column = WEFTLINE_TASK_KEY;
  g_assert_false (weftline_task_rows_make (&source, &query, &cancelled, &rows));
  g_assert_cmpuint (rows.n, ==, 0);
  g_assert_null (rows.tasks);
  weftline_task_source_clear (&source);
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-table", "task-rows", "natural-order", test_natural_order);
  test_add ("ui-table", "task-rows", "sort-is-stable", test_sort_is_stable);
  test_add ("ui-table", "task-rows", "rows-equal-a-plain-sort", test_rows_equal_a_plain_sort);
  test_add ("ui-table", "task-rows", "values-are-the-records", test_values_are_the_records);
  test_add ("ui-table", "task-rows", "as-of-a-moment", test_as_of_a_moment);
  test_add ("ui-table", "task-rows", "plain-rows-take-no-memory", test_plain_rows_take_no_memory);
  return g_test_run ();
}
